// Which view an address shows: the report, one of its sections or changes, or an asset.

function routes(atlas, openChange) {
  const reportView = byId("report"),
    assetView = byId("asset");
  let left = null,
    turn = 0;

  async function showAsset(full) {
    const own = ++turn;
    if (assetView.hidden) left = { hash: place, scroll: scrollY, focus: document.activeElement };
    const nodes = await assetPage(full, atlas);
    if (own !== turn) return;
    assetView.replaceChildren(...nodes.filter(Boolean));
    reportView.hidden = byId("top").hidden = byId("sections").hidden = true;
    assetView.hidden = false;
    document.title = `${full} · ${result.run_id}`;
    scrollTo(0, 0);
    byId("asset-title").focus({ preventScroll: true });
  }
  // Whoever comes back finds the report as it was left, unless the address asks for another place.
  function showReport(hash) {
    turn += 1;
    const back = !assetView.hidden && left;
    assetView.hidden = true;
    assetView.replaceChildren();
    reportView.hidden = byId("top").hidden = byId("sections").hidden = false;
    document.title = title;
    const change = /^#change-(\d+)$/.exec(hash);
    if (back && (hash === left.hash || hash === "#assets")) {
      scrollTo(0, left.scroll);
      if (left.focus.isConnected) left.focus.focus({ preventScroll: true });
    } else if (change) openChange(Number(change[1]));
    else if (hash.length > 1 && byId(hash.slice(1))) byId(hash.slice(1)).scrollIntoView();
  }
  const title = document.title;
  let place = "";
  function follow() {
    const asset = atlas && /^#asset=(.+)$/.exec(location.hash);
    if (asset) showAsset(decoded(asset[1]));
    else showReport(location.hash);
    place = location.hash;
  }
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => keys(event, () => !assetView.hidden));
  follow();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function keys(event, onAsset) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing(event.target)) {
    event.preventDefault();
    if (onAsset()) location.hash = "#assets";
    const search = byId("asset-search") || byId("change-search");
    setTimeout(() => search && search.focus());
  } else if (event.key === "Escape") {
    if (event.target.type === "search" && event.target.value) return;
    if (onAsset()) location.hash = "#assets";
    else if (typing(event.target)) event.target.blur();
  }
}
