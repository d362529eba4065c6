// Old phones must show every page: only what the browsers of package.json know, or what they may safely ignore.
export default {
  plugins: ["stylelint-no-unsupported-browser-features"],
  rules: {
    "plugin/no-unsupported-browser-features": [
      true,
      {
        severity: "error",
        ignorePartialSupport: true,
        // ignored by old browsers without harm
        ignore: ["css-focus-visible", "css-resize", "css3-cursors", "prefers-reduced-motion", "css-touch-action", "css-text-wrap-balance", "css-print-color-adjust", "css-overscroll-behavior"],
      },
    ],
    "color-no-invalid-hex": true,
    "block-no-empty": true,
    "declaration-block-no-duplicate-properties": true,
    "no-duplicate-selectors": true,
    "property-no-unknown": true,
  },
};
