// @ts-check
// Bundles the scripts of the report page into the Python package.
//
//     node build.js            write the bundles
//     node build.js --compare  fail where a bundle is not what the sources give

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const PAGES = ["report", "index"];
const HERE = fileURLToPath(new URL(".", import.meta.url));
const TARGET = new URL("../src/datasphere_glue/report/page/", import.meta.url);
const HEADER = "// Generated from page/src by `make page`. Do not edit.\n";

/**
 * Returns the bundle of one page: readable, the same bytes on every machine.
 *
 * @param {string} name
 */
async function bundle(name) {
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: [`src/${name}.js`],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  return HEADER + outputFiles[0].text;
}

/** @param {URL} file */
const current = (file) => readFile(file, "utf8").catch(() => "");

const compare = process.argv.includes("--compare");
for (const name of PAGES) {
  const file = new URL(`${name}.js`, TARGET);
  const text = await bundle(name);
  if (!compare) await writeFile(file, text);
  else if ((await current(file)) !== text) {
    console.error(`${fileURLToPath(file)} differs from its sources: run \`make page\``);
    process.exitCode = 1;
  }
}
