"""Edge that reads: OAuth, HTTP, OData and CSDL of an SAP Datasphere tenant."""
