// Bundles what pages load into the folder named on the command line: `node build.js OUT`.
import { build } from "esbuild";

const out = process.argv[2] ?? "dist";

await build({
  entryPoints: ["css/shop.css", "css/office.css", "src/shop.ts", "src/worker.ts", "src/office.ts", "css/site.css", "src/sign-up.ts"],
  outdir: out,
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "esm",
  // the oldest browsers that must work, as in package.json
  target: ["chrome80", "safari13", "firefox78"],
  logLevel: "warning",
});
