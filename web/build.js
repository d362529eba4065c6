// Bundles what pages load into the folder named on the command line, each file beside its compressed forms:
// `node build.js OUT`.
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const out = process.argv[2] ?? "dist";

const how = {
  outdir: out,
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "esm",
  // the oldest browsers that must work, as in package.json
  target: ["chrome80", "safari13", "firefox78"],
  logLevel: "warning",
};
await build({
  ...how,
  entryPoints: ["css/shop.css", "css/office.css", "src/shop.ts", "src/worker.ts", "src/office.ts", "css/site.css", "src/sign-up.ts", "src/proof.ts"],
});
// the decoder of codes destructures plain objects, which all of them know; esbuild fears a flaw of Safari 13 in parameters
await build({ ...how, entryPoints: ["src/scan.ts"], supported: { destructuring: true } });

for (const drawing of ["icon.svg", "icons.svg"]) copyFileSync(drawing, join(out, drawing));
for (const name of readdirSync(out).filter((name) => /\.(css|js|svg)$/.test(name))) {
  const file = join(out, name);
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(bytes)); // at its best by default
}
