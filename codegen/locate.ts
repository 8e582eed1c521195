import type {
  Diagnostic,
  FactorOrigin,
  Finding,
  Place,
  RelatedPlace,
  Span,
  TextRange,
} from "../src/diagnostics/finding.ts";
import { fixIn } from "../src/diagnostics/fix.ts";
import { LINE_END, offsetAt } from "../src/diagnostics/render/region.ts";
import { withoutSecrets } from "../src/spec/secrets.ts";
import type { CallSite } from "../src/origin/call-site.ts";
import { parsePointer, toPointer } from "../src/origin/pointer.ts";
import type { NounSpans, OptionSpans, SpansFile } from "../src/origin/spans-file.ts";
import type { JoinedOption } from "./option-schema.ts";
import type { DeclaredAcknowledgement, SourceReader } from "./source-reader.ts";

/** What places are looked up in. */
export interface LocateContext {
  readonly reader: SourceReader;
  /** Text of a file of the project. */
  readonly text: (file: string) => string | null;
  /** Name of the experiment, with its preset; `null` for findings about no experiment. */
  readonly experiment: string | null;
  /** The name in the experiment's registration. */
  readonly declaration: Span | null;
  readonly options: readonly JoinedOption[];
  /** Codes of acknowledgements where they are written. */
  readonly acknowledgements?: readonly DeclaredAcknowledgement[];
  /** Where the values came from, if the experiment got that far. */
  readonly spans: SpansFile | null;
}

/** A place in the source, with what else helps to find it. */
interface Located {
  readonly span: Span | null;
  readonly nowhere?: string;
  /** True if the place itself has no source: the span is then the experiment's, for want of a better one. */
  readonly isStandIn?: boolean;
  /** True if a mutator gave the value: what stands there is not the value itself. */
  readonly isMutated?: boolean;
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  /** Who set the value, if it is an option's. */
  readonly setBy?: string;
}

/** Turns findings into diagnostics: every place becomes a stretch of source text. Files are parsed for findings only. */
export function locateFindings(findings: readonly Finding[], context: LocateContext): readonly Diagnostic[] {
  return findings.map((finding) => locateFinding(finding, context));
}

function locateFinding(finding: Finding, context: LocateContext): Diagnostic {
  const { code, severity, fixAt } = finding;
  // What syntax finds quotes sources.
  const { message, data, notes = [], help = null } = withoutSecrets(finding, []);
  const primary = locate(finding.at, context);
  const own = (finding.related ?? []).flatMap((related) => relatedSpans(related, context));
  const { span } = primary;
  const factors = factorOrigins(finding, context);
  return {
    code,
    severity,
    message,
    ...(factors.length === 0 ? {} : { factors }),
    data,
    experiment: context.experiment,
    primary: span,
    ...(span === null ? { nowhere: primary.nowhere ?? "no source has it" } : {}),
    related: distinct([...own, ...primary.related, ...builtHere(span, context)], span),
    notes,
    help,
    fix: locateFix(finding, fixAt === undefined ? primary : locate(fixAt, context), context),
  };
}

function locateFix(finding: Finding, { span, isMutated = false }: Located, { text }: LocateContext): Diagnostic["fix"] {
  if (finding.fix === undefined || span === null || isMutated) return null;
  return fixIn(finding, span, text(span.file));
}

/** Where the factors of a message come from: the primary place or a related one says so. */
function factorOrigins(
  { at, gives, factors = {}, related = [] }: Finding,
  context: LocateContext,
): readonly FactorOrigin[] {
  const places = [...(gives === undefined ? [] : [{ at, gives }]), ...related];
  const origins = places.flatMap((place) => {
    const own = (place.gives ?? []).filter((name) => Object.hasOwn(factors, name));
    if (own.length === 0) return [];
    const { span, setBy = null, isStandIn = false } = locate(place.at, context);
    // The experiment's name is where a value is from only if it is said to be the class's.
    const known = isStandIn && place.at.kind !== "class" ? null : span;
    if (known === null && setBy === null) return [];
    return own.map((name): FactorOrigin => ({ name, end: factors[name] ?? 0, setBy, span: known }));
  });
  return origins.sort((a, b) => a.end - b.end);
}

function relatedSpans(
  { at, message, gives }: RelatedPlace,
  context: LocateContext,
): readonly { span: Span; message: string }[] {
  const { span, setBy, isStandIn = false } = locate(at, context);
  // What a place further off says is not true of the experiment's name.
  if (span === null || (isStandIn && at.kind !== "class")) return [];
  // An argument says by itself who set what.
  const by = gives === undefined || setBy === undefined || span.file.startsWith("<") ? "" : ` (${setBy})`;
  return [{ span, message: message + by }];
}

/** Code in another file than the experiment's own: the experiment that was built is named, too. */
function builtHere(span: Span | null, { declaration, experiment }: LocateContext): Located["related"] {
  if (span === null || declaration === null || experiment === null) return [];
  if (span.file === declaration.file || span.file.startsWith("<")) return [];
  return [{ span: declaration, message: `\`${experiment}\` is built from here` }];
}

function distinct(related: Located["related"], primary: Span | null): Located["related"] {
  const seen = new Set(primary === null ? [] : [keyOf(primary)]);
  return related.filter(({ span }) => {
    const key = keyOf(span);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function keyOf({ file, line, column, length }: Span): string {
  return `${file}:${line}:${column}:${length}`;
}

function locate(at: Place, context: LocateContext): Located {
  switch (at.kind) {
    case "span":
      return { span: at.span, related: [] };
    case "nowhere":
      return { span: null, nowhere: at.reason, related: [] };
    case "class":
      return atClass(context);
    case "site":
      return atName(at, context) ?? atSite(at.frames, at.path ?? [], undefined, context) ?? atClass(context);
    case "option":
      return at.part === "declaration" ? atDeclaration(at.path, context) : atOption(at.path, at.range, context);
    case "pointer":
      return atPointer(at.pointer, at.part, at.range, context);
  }
}

function atClass({ declaration }: LocateContext): Located {
  return declaration === null
    ? { span: null, nowhere: "the experiment has no declaration", related: [] }
    : { span: declaration, isStandIn: true, related: [] };
}

/** An identifier at the nearest frame, or behind it in its statement. */
function atName({ frames, name }: Extract<Place, { readonly kind: "site" }>, { text }: LocateContext): Located | null {
  const [frame] = frames;
  const source = frame === undefined || name === undefined ? null : text(frame.file);
  if (frame === undefined || name === undefined || source === null) return null;
  const start = offsetAt(source, frame.line, frame.column);
  if (start === null) return null;
  const identifier = new RegExp(String.raw`(?<![\w$.])${name.replaceAll("$", String.raw`\$`)}(?![\w$])`, "g");
  identifier.lastIndex = start;
  const found = identifier.exec(source);
  if (found === null) return null;
  const before = source.slice(0, found.index).split(LINE_END);
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { span: { file: frame.file, line: before.length, column, length: name.length }, related: [] };
}

/** The nearest frame whose file is there; the frames around it are told, too. */
function atSite(
  frames: readonly CallSite[],
  path: readonly (string | number)[],
  range: TextRange | undefined,
  context: LocateContext,
): (Located & { readonly exact: boolean }) | null {
  for (const [index, frame] of frames.entries()) {
    const text = context.text(frame.file);
    if (text === null) continue;
    const request = { line: frame.line, column: frame.column, path, ...(range === undefined ? {} : { range }) };
    const { span, exact } = context.reader.locate(frame.file, text, request);
    return { span, exact, related: outer(frames.slice(index + 1), context) };
  }
  return null;
}

function outer(frames: readonly CallSite[], { reader, text }: LocateContext): Located["related"] {
  return frames.flatMap(({ file, line, column }) => {
    const source = text(file);
    if (source === null) return [];
    const { span } = reader.locate(file, source, { line, column, path: [] });
    return [{ span, message: "called from here" }];
  });
}

/** A value that a mutator gave stands at its entry in the config; what the author wrote is told, too. */
function atPointer(
  pointer: string,
  part: "key" | "value" | undefined,
  range: TextRange | undefined,
  context: LocateContext,
): Located {
  const authors = atAuthors(pointer, part, range, context);
  const mutation = context.spans?.mutations?.find(({ at }) => pointer === at || pointer.startsWith(`${at}/`));
  const entry = mutation === undefined ? null : atSite(mutation.frames, mutation.path, undefined, context);
  if (mutation === undefined || entry === null) return authors;
  const { span, isStandIn = false } = authors;
  const before = mutation.was === undefined ? "nothing" : shortText(mutation.was);
  const own =
    span === null
      ? []
      : [{ span, message: isStandIn ? `the experiment gave ${before}` : `the experiment gave ${before} here` }];
  return { ...entry, isMutated: true, related: [...own, ...entry.related] };
}

const LONGEST_VALUE = 60;

function shortText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

function atAuthors(
  pointer: string,
  part: "key" | "value" | undefined,
  range: TextRange | undefined,
  context: LocateContext,
): Located {
  const segments = parsePointer(pointer);
  const nouns = context.spans?.nouns ?? {};
  for (let depth = segments.length; depth >= 0; depth -= 1) {
    const noun = nounAt(nouns, toPointer(segments.slice(0, depth)));
    if (noun === undefined) continue;
    const found = inNoun(noun, segments.slice(depth), part, range, context);
    if (found !== null) return found;
  }
  return atClass(context);
}

function nounAt(nouns: SpansFile["nouns"], pointer: string): NounSpans | undefined {
  return Object.hasOwn(nouns, pointer) ? nouns[pointer] : undefined;
}

/** A value inside a noun: behind an option, in a named place of the call, or a property of its argument. */
function inNoun(
  noun: NounSpans,
  rest: readonly string[],
  part: "key" | "value" | undefined,
  range: TextRange | undefined,
  context: LocateContext,
): Located | null {
  const option = optionBehind(noun, rest);
  if (option !== null) return atOption(option, range, context);
  if (noun.frames.length > 0) {
    const inside = placeInCall(noun, rest);
    const path = part === "key" ? [...inside, "#key"] : inside;
    const found = atSite(noun.frames, path, range, context);
    if (found !== null) return found;
  }
  return noun.option === undefined ? null : atOption(noun.option, noun.range ?? range, context);
}

/** Where a value of a noun stands in the call that made it: where its field, or the nearest around it, says. */
function placeInCall({ fields = {} }: NounSpans, rest: readonly string[]): readonly (string | number)[] {
  for (let length = rest.length; length > 0; length -= 1) {
    const named = Object.hasOwn(fields, rest.slice(0, length).join("/"))
      ? fields[rest.slice(0, length).join("/")]
      : null;
    if (named !== null && named !== undefined) return [...named, ...rest.slice(length)];
  }
  return rest.length === 0 ? [] : [0, ...rest];
}

/** The option that a single value of a noun comes from, with what of the path is left. */
function optionBehind({ fieldOptions }: NounSpans, rest: readonly string[]): string | null {
  if (fieldOptions === undefined) return null;
  for (let length = rest.length; length > 0; length -= 1) {
    const key = rest.slice(0, length).join("/");
    if (Object.hasOwn(fieldOptions, key)) return [fieldOptions[key], ...rest.slice(length)].join(".");
  }
  return null;
}

/** The value of an option: in the preset or the argument that set it, else where it is declared. */
function atOption(path: string, range: TextRange | undefined, context: LocateContext): Located {
  const set = optionSpans(path, context.spans?.options ?? []);
  if (set !== null) {
    const { origin } = set;
    if (origin.kind === "preset") {
      const found = atSite(origin.frames, placeOfGroup(path, set.path, origin.path), range, context);
      if (found !== null) return { ...found, setBy: `preset ${origin.preset}` };
    }
    if (origin.kind === "override") {
      const setBy = `override ${overrideText(set)}`;
      if (origin.span === undefined) {
        return { span: null, nowhere: `\`${path}\` was given by the program`, setBy, related: [] };
      }
      return { span: inArgument(origin.span, origin.valueSpan, set.path, range), setBy, related: [] };
    }
    if (origin.kind === "environment") {
      const nowhere = `\`${path}\` comes from the environment variable ${origin.name}`;
      return { span: null, nowhere, setBy: `environment variable ${origin.name}`, related: [] };
    }
  }
  const found = atDefault(path, range, context);
  if (found !== null) return { ...found, setBy: "default" };
  return atAcknowledgement(path, context) ?? { ...atClass(context), ...(set === null ? {} : { setBy: "default" }) };
}

/** The name of an option where its class declares it. */
function atDeclaration(path: string, context: LocateContext): Located {
  const option = declaredAt(path, context.options);
  return option === undefined || context.text(option.span.file) === null
    ? { ...atClass(context) }
    : { span: option.span, related: [] };
}

/** An override as it was typed. Texts are left out: they may be long, and not for everyone. */
function overrideText({ path, value }: OptionSpans): string {
  return typeof value === "number" ? `${path}=${value}` : path;
}

/** The code of an acknowledgement where the class writes it: `acknowledge` is a field, but no option. */
function atAcknowledgement(path: string, { acknowledgements = [] }: LocateContext): Located | null {
  const code = /^acknowledge\.(.*)$/.exec(path)?.[1];
  const declared = acknowledgements.find((one) => one.code === code);
  return declared === undefined ? null : { span: declared.span, related: [] };
}

/** Who set an option; for a group, the first of its values that is no default. */
function optionSpans(path: string, options: readonly OptionSpans[]): OptionSpans | null {
  const own = options.find((option) => option.path === path || path.startsWith(`${option.path}.`));
  if (own !== undefined) return own;
  const inside = options.filter((option) => option.path.startsWith(`${path}.`));
  return inside.find(({ origin }) => origin.kind !== "default") ?? inside[0] ?? null;
}

/** The place of a group in a preset's literal, given that of a value inside or around it. */
function placeOfGroup(
  path: string,
  valuePath: string,
  place: readonly (string | number)[],
): readonly (string | number)[] {
  if (path === valuePath) return place;
  const surplus = valuePath.split(".").length - path.split(".").length;
  if (surplus > 0) return place.slice(0, Math.max(1, place.length - surplus));
  return [...place, ...path.slice(valuePath.length + 1).split(".")];
}

/** Characters of the value in `path=value`, or of the one of several values that it is about. */
function inArgument(span: Span, value: Span | undefined, path: string, range: TextRange | undefined): Span {
  if (value !== undefined) {
    return range === undefined ? value : { ...value, column: value.column + range.offset, length: range.length };
  }
  if (range === undefined) return span;
  return { ...span, column: span.column + path.length + 1 + range.offset, length: range.length };
}

/** The default of an option, as its class writes it. */
function atDefault(path: string, range: TextRange | undefined, context: LocateContext): Located | null {
  const option = declaredAt(path, context.options);
  if (option === undefined) return null;
  const { defaultSpan, nested } = option;
  const whole = defaultSpan ?? option.span;
  const text = context.text(whole.file);
  if (text === null) return null;
  const rest = path.slice(option.path.length + 1);
  if (defaultSpan !== null && nested?.kind === "call") {
    // `actor = model("...", { ... })`: the value stands in the call, if it stands anywhere.
    const request = { line: defaultSpan.line, column: defaultSpan.column, path: placeInModelCall(rest) };
    const found = context.reader.locate(whole.file, text, range === undefined ? request : { ...request, range });
    return { span: found.exact ? found.span : defaultSpan, related: [] };
  }
  if (range === undefined || defaultSpan === null) return { span: whole, related: [] };
  // A literal without escapes: its characters stand behind the quote.
  return {
    span: { ...whole, column: whole.column + 1 + range.offset, length: range.length },
    related: [],
  };
}

/**
 * Where a default is written in the call that makes the group around it, as in `actor = model("...", { optimizer: { lr: 1e-5 } })`;
 * the call itself if it is a function of the project's, which may have set it. `null` if the class of the group gives it.
 */
export function defaultInCall(
  path: string,
  { options, text, reader }: Pick<LocateContext, "options" | "text" | "reader">,
): Span | null {
  const option = declaredAt(path, options);
  const span = option?.defaultSpan ?? null;
  if (option === undefined || span === null || option.nested?.kind !== "call" || option.path === path) return null;
  if (option.nested.name !== MODEL_CALL) return span;
  const source = text(span.file);
  if (source === null) return null;
  const place = placeInModelCall(path.slice(option.path.length + 1));
  const { span: found, exact } = reader.locate(span.file, source, {
    line: span.line,
    column: span.column,
    path: place,
  });
  return exact ? found : null;
}

const MODEL_CALL = "model";

/** Where a value stands in the arguments of `model("...", { ... })`. */
function placeInModelCall(rest: string): readonly (string | number)[] {
  if (rest === "") return [];
  return rest === "path" ? [0] : [1, ...rest.split(".")];
}

/** The option itself, or the nearest one around it that has a place. */
function declaredAt(path: string, options: readonly JoinedOption[]): JoinedOption | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const option = options.find((candidate) => candidate.path === at);
    // Files of the library have a scheme in front, and no source in the project.
    if (option !== undefined && !(option.defaultSpan ?? option.span).file.includes(":")) return option;
  }
  return undefined;
}
