import { type Check, ok } from "./check.ts";

/** Only who reads manifests with Python needs it. */
export const python: Check = {
  name: "python",
  about: "`python3` is there, for those who read manifests with it",
  ofProject: false,
  look: ({ machine, root }) => {
    const ran = machine.run("python3", ["--version"], root);
    if (ran === null || ran.status !== 0)
      return [ok("no `python3`: only workers that read manifests with it need one")];
    return [ok(`${ran.stdout.trim()} reads manifests with \`assay_manifest.py\``)];
  },
};
