// Builds a host app from its npm packages, as its authors would.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export async function bundle(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../apps/${name}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    // StrictMode runs effects twice in development only, and that is what is to be shown.
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    logLevel: "warning",
  });
  return outputFiles[0].text;
}
