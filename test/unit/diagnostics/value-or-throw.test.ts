import { expect, it } from "vitest";
import { AssayError, parseAllocationMode, parseNodeList, valueOrThrow } from "assay";

it("gives a value that has warnings only, and throws everything that was found otherwise", () => {
  const warned = parseNodeList("slurmd-01,slurmd-02", "slurmd-", 32);
  expect(warned.findings).toHaveLength(1);
  expect(valueOrThrow(warned)).toEqual(["slurmd-01,02"]);
  const refused = parseAllocationMode("d4p1");
  const error = (() => {
    try {
      return valueOrThrow(refused);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(AssayError);
  expect((error as AssayError).findings).toEqual(refused.findings);
});
