import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { secretFinding } from "../src/resolve/secrets.ts";
import { maskWritten, secretsInText } from "../src/spec/secrets.ts";
import type { JoinedOption } from "./option-schema.ts";
import type { DeclaredExperiment } from "./source-reader.ts";

/** What syntax shows of an experiment, without the secrets in it, and a finding for each that nothing else finds. */
interface Clean {
  readonly declared: DeclaredExperiment;
  readonly options: readonly JoinedOption[];
  readonly findings: readonly Finding[];
}

const HELP =
  "take it out, and change it where it was issued: what is written here is shown in lists, editors and manifests";

/**
 * Takes secrets out of what syntax shows: it goes into lists, hovers, the generated file and manifests without being run. The
 * value of an option is looked at where it is known, so that its text is only cleaned here.
 */
export function withoutWrittenSecrets(declared: DeclaredExperiment, options: readonly JoinedOption[]): Clean {
  const findings: Finding[] = [];
  const look = (where: string, text: string, at: Place): void => {
    for (const found of secretsInText("", text)) {
      findings.push({ ...secretFinding({ ...found, pointer: where }, at), help: HELP });
    }
  };
  const atName: Place = { kind: "span", span: declared.span };
  look("doc comment", declared.doc, atName);
  for (const tag of declared.tags) look("tags", tag, atName);
  const isOwn = findings.length > 0;
  const clean = options.map((option): JoinedOption => {
    const { path, help, type, defaultText, span } = option;
    const before = findings.length;
    const at: Place = span.file.includes(":") ? atName : { kind: "span", span };
    look(`doc comment of ${path}`, help, at);
    look(`type of ${path}`, type ?? "", at);
    const shown = defaultText === null ? null : maskWritten(path.split(".").at(-1) ?? path, defaultText);
    if (findings.length === before && shown === defaultText) return option;
    return { ...option, help: maskWritten("", help), type: type && maskWritten("", type), defaultText: shown };
  });
  return {
    declared: isOwn
      ? { ...declared, doc: maskWritten("", declared.doc), tags: declared.tags.map((tag) => maskWritten("", tag)) }
      : declared,
    options: clean,
    findings,
  };
}
