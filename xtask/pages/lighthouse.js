// Lighthouse on the pages that customers meet first, on the mobile preset.
import lighthouse from "lighthouse";

/** The least score of each category, in hundredths. */
export const BARS = { accessibility: 100, "best-practices": 100, seo: 100, performance: 98 };

/** Scores of `url` in a Chromium that listens on `port`; its cookies stay. */
export async function scores(url, port, wanted = Object.keys(BARS)) {
  const run = await lighthouse(url, { port, output: "json", logLevel: "error", onlyCategories: wanted, disableStorageReset: true });
  const found = run.lhr.categories;
  const short = Object.values(run.lhr.audits)
    .filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative")
    .map((audit) => audit.id);
  return { scores: Object.fromEntries(wanted.map((name) => [name, Math.round(found[name].score * 100)])), short };
}
