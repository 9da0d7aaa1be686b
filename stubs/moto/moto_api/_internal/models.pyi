class MotoAPIBackend:
    def reset(self) -> None: ...

moto_api_backend: MotoAPIBackend
