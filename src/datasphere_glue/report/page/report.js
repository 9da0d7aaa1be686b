// The report, from what matters most to what only proves it.

async function show() {
  byId("main").append(el("div", { id: "report" }), el("div", { id: "asset", hidden: true }));
  showTop();
  showNext();
  showCounts();
  const openChange = showChanges();
  showEdits();
  showCompleteness();
  const atlas = await readAtlas();
  if (atlas) showAssets(atlas);
  else if (packedAssets)
    section(
      "assets",
      "Assets",
      el(
        "p",
        {},
        "This browser cannot unpack the assets that are in this file; one of 2023 or later can.",
      ),
    );
  showCoverage();
  if (atlas) showNames(atlas);
  showNotes();
  showHealth();
  showEvidence();
  showSections();
  byId("foot").append(
    el(
      "p",
      {},
      `datasphere-glue, run ${result.run_id}. One file, nothing is loaded from anywhere.`,
    ),
  );
  routes(atlas, openChange);
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

show();
