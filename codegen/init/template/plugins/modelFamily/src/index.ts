// What is declared below adds to its types.
import "assay";
import { defineModelFamily } from "assay/plugin";

declare module "assay" {
  interface Catalogue {
    "my-plugin-1b": true;
  }
}

/** Models of the lab, by the shape of their checkpoints. */
export const myPlugin = defineModelFamily({
  type: "my_plugin",
  // Families whose code reads these checkpoints, too.
  readableAs: ["llama"],
  cards: {
    "my-plugin-1b": {
      hiddenSize: 2048,
      layers: 16,
      heads: 32,
      kvHeads: 8,
      headDim: 64,
      ffnSize: 8192,
      vocabSize: 128_256,
      tiedEmbeddings: true,
      maxPositions: 131_072,
      params: 1_235_814_400,
    },
  },
});
