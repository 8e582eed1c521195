import { AssayError } from "assay/manifest";

try {
  await import("./program.mjs");
} catch (error) {
  if (!(error instanceof AssayError)) throw error;
  for (const { code } of error.findings) console.log(code);
}
