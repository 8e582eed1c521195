import { defineConfig, fromOptions } from "assay";
import { defineDataset, defineInterface, typed } from "assay/plugin";
import { promptAnswer } from "assay/plugins";

const args = {
  type: "object",
  properties: { path: { type: "string" }, key: { type: "string" }, longest: { type: "integer" } },
  required: ["path"],
  additionalProperties: false,
} as const;

const base = { type: "rows", args, yields: ["text"] } as const;
defineDataset({ ...base, columns: { text: { type: "string", namedBy: "key", maxTokens: "longest" } } });
defineDataset({ ...base, columns: { labels: { type: ["array", "null"], items: "integer", rows: { kind: "a" } } } });
// @ts-expect-error no such type of JSON
defineDataset({ ...base, columns: { text: { type: "text" } } });
// @ts-expect-error no such argument
defineDataset({ ...base, columns: { text: { type: "string", maxTokens: "maxLength" } } });
// @ts-expect-error no such argument
defineDataset({ ...base, columns: { text: { type: "string", namedBy: "textKey" } } });
// @ts-expect-error a column has a type
defineDataset({ ...base, columns: { text: { optional: true } } });
defineDataset({
  type: "typed",
  args: typed<{ readonly path: string; readonly most?: number }>(),
  yields: ["text"],
  // @ts-expect-error no such argument of the type
  columns: { text: { type: "string", maxTokens: "least" } },
});

const rewards = {
  type: "scored",
  args: { type: "object", additionalProperties: false },
  calls: { inference: { reads: "any", yields: { always: ["rewards"] } } },
} as const;
defineInterface({ ...rewards, covers: { source: ["a", "b"] } });
// @ts-expect-error a list of texts
defineInterface({ ...rewards, covers: { source: "a" } });

defineConfig({ samples: { "/data/a": "data/a.jsonl", "/data/b": { file: "data/b.jsonl", whole: true } } });
// @ts-expect-error a file, or an object with one
defineConfig({ samples: { "/data/a": { whole: true } } });

const pairs = promptAnswer({ datasetPath: "/data/a", maxLength: 1 });
// Keys are still known of it.
fromOptions(pairs, { datasetPath: "dataset.path" }) satisfies typeof pairs;
