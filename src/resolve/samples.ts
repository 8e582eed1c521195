import type { JsonObject, JsonValue } from "type-fest";
import type { FindingDetails } from "../diagnostics/define.ts";
import { at, type Finding, type Place, type RelatedPlace } from "../diagnostics/finding.ts";
import { nearest, suggestion } from "../diagnostics/nearest.ts";
import type { Authored, DataSample, LineStretch, PluginFacts, SampleColumn, SampleCount } from "../manifest/format.ts";
import { toPointer } from "../origin/pointer.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { namesInTicks } from "../spec/diagnostics.ts";
import { isObject, own } from "../spec/own.ts";
import type { PlacedPair } from "../spec/placed-pairs.ts";
import { dataDiagnostics } from "./data-diagnostics.ts";
import { everyPair } from "./every-pair.ts";
import { strings, typeFacts } from "./facts.ts";

/** What a dataset says of one of its columns. */
interface ColumnFacts {
  /** Its name in the facts. */
  readonly name: string;
  /** Its name in the rows: an argument may say so. */
  readonly named: string;
  readonly types: readonly string[];
  readonly items: string | null;
  readonly sameLengthAs: string | null;
  readonly isOptional: boolean;
  readonly rows: Readonly<Record<string, string>>;
  readonly values: readonly string[] | null;
  readonly maxTokens: string | null;
  readonly namedBy: string | null;
}

/** A dataset of a setup with what is known of it. */
interface KnownDataset {
  readonly placed: PlacedPair;
  readonly columns: readonly ColumnFacts[];
  readonly sample: DataSample | null;
  /** Pointer of the path that the sample is of; of the pair, if there is none. */
  readonly path: string;
  readonly isStream: boolean;
}

/** What rewards say of the texts in one column that they know. */
interface Coverage {
  readonly values: Set<string>;
  readonly by: Map<string, PlacedPair>;
}

/** Checks what datasets hold, as far as their facts and samples say it, against what reads them. */
export class DataChecker {
  readonly #authored: Authored;
  readonly #facts: PluginFacts;
  /** A dataset stands in several places: with rollout workers and in a stream. Each mistake is told once. */
  readonly #seen = new Set<string>();

  constructor(authored: Authored, facts: PluginFacts) {
    this.#authored = authored;
    this.#facts = facts;
  }

  check(config: ExperimentConfig, base: string): readonly Finding[] {
    const pairs = [...everyPair(config, base, this.#facts)];
    const datasets = pairs.flatMap((placed) => (placed.kind === "dataset" ? [this.#known(placed)] : []));
    const coverage = this.#coverage(pairs);
    const findings = [
      ...datasets.flatMap((dataset) => [...sampleFindings(dataset), ...sourceFindings(dataset, coverage)]),
      ...batchFindings(config, base, datasets),
    ];
    return findings.filter(({ code, data }) => {
      const key = JSON.stringify([code, data]);
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
      return true;
    });
  }

  #known(placed: PlacedPair): KnownDataset {
    const { pair, pointer } = placed;
    const facts = { ...typeFacts(this.#facts, "dataset", pair.type)?.facts, ...own(this.#authored.facts, pointer) };
    const samples = this.#authored.samples ?? {};
    const sampled = strings(facts["paths"]).flatMap((name) => {
      const path = own(pair.args, name);
      const sample = typeof path === "string" ? own(samples, path) : undefined;
      return sample === undefined ? [] : [{ sample, path: `${pointer}/args${toPointer([name])}` }];
    });
    return {
      placed,
      columns: columnsOf(facts["columns"], pair.args),
      sample: sampled[0]?.sample ?? null,
      path: sampled[0]?.path ?? pointer,
      isStream: "stream" in facts,
    };
  }

  #coverage(pairs: readonly PlacedPair[]): ReadonlyMap<string, Coverage> {
    const coverage = new Map<string, Coverage>();
    for (const placed of pairs) {
      const covers = typeFacts(this.#facts, placed.kind, placed.pair.type)?.facts["covers"];
      for (const [column, values] of Object.entries(isObject(covers) ? covers : {})) {
        const known = coverage.get(column) ?? { values: new Set<string>(), by: new Map<string, PlacedPair>() };
        coverage.set(column, known);
        for (const value of strings(values)) known.values.add(value);
        if (!known.by.has(placed.pair.type)) known.by.set(placed.pair.type, placed);
      }
    }
    return coverage;
  }
}

function columnsOf(facts: JsonValue | undefined, args: JsonObject): readonly ColumnFacts[] {
  return Object.entries(isObject(facts) ? facts : {}).flatMap(([name, column]) => {
    if (!isObject(column)) return [];
    const text = (key: string) => (typeof column[key] === "string" ? column[key] : null);
    const namedBy = text("namedBy");
    const given = namedBy === null ? undefined : own(args, namedBy);
    const rows = isObject(column["rows"]) ? Object.entries(column["rows"]) : [];
    const type = text("type");
    return [
      {
        name,
        named: typeof given === "string" ? given : name,
        types: type === null ? strings(column["type"]) : [type],
        items: text("items"),
        sameLengthAs: text("sameLengthAs"),
        isOptional: column["optional"] === true,
        rows: Object.fromEntries(rows.filter((row): row is [string, string] => typeof row[1] === "string")),
        values: column["values"] === undefined ? null : strings(column["values"]),
        maxTokens: text("maxTokens"),
        namedBy,
      },
    ];
  });
}

/** What is wrong with the rows of a sample, each mistake with its first row. */
function sampleFindings(dataset: KnownDataset): readonly Finding[] {
  const { placed, sample, path, columns } = dataset;
  if (sample === null) return [];
  const { file, fault } = sample;
  const { type } = placed.pair;
  const findings: Finding[] = [];
  if (fault !== null) {
    const { line, problem } = fault;
    const related = [{ at: placeIn(file, fault), message: "here" }];
    findings.push(dataDiagnostics["not-json"]({ file, line, problem }, { at: at(path), related }));
  }
  if (sample.rows === 0) {
    return fault === null ? [dataDiagnostics.empty({ file, type }, { at: at(path) })] : findings;
  }
  for (const column of columns) {
    findings.push(...lackFindings(dataset, column, sample, "dataset", type));
    const found = own(sample.columns, column.named);
    if (found === undefined) continue;
    findings.push(
      ...typeFindings(dataset, column, sample, found),
      ...unevenFindings(dataset, column, sample, found),
      ...valueFindings(dataset, column, sample, found),
      ...lengthFindings(dataset, column, sample, found),
    );
  }
  return findings;
}

/** Rows that lack a column which they need. */
function lackFindings(
  dataset: KnownDataset,
  column: ColumnFacts,
  sample: DataSample,
  kind: string,
  type: string,
): readonly Finding[] {
  if (column.isOptional) return [];
  const { named, namedBy } = column;
  const { file } = sample;
  const details = (first: LineStretch | null): FindingDetails => {
    const related = first === null ? [] : [{ at: placeIn(file, first), message: "the first one", gives: ["rows"] }];
    // What is another column by right was not meant to be this one.
    const taken = new Set([named, ...dataset.columns.map((one) => one.named)]);
    const names = Object.keys(sample.columns).filter((name) => !taken.has(name));
    const isNamed = namedBy !== null && own(dataset.placed.pair.args, namedBy) !== undefined;
    if (isNamed) {
      const place = at(`${dataset.placed.pointer}/args${toPointer([namedBy])}`);
      return { at: place, related, help: helpOnName(column, names), ...suggestion(named, names) };
    }
    return { at: at(dataset.path), related, help: helpOnName(column, names) };
  };
  const conditions = Object.entries(column.rows);
  if (conditions.length === 0) {
    const has = own(sample.columns, named);
    const lacking = sample.rows - (has?.rows ?? 0);
    if (lacking === 0) return [];
    const data = { kind, type, column: named, file, lacking, rows: sample.rows, only: null };
    return [dataDiagnostics["missing-column"](data, details(has === undefined ? sample.firstRow : has.lacking))];
  }
  return conditions.flatMap(([column, value]) => {
    const other = dataset.columns.find(({ name }) => name === column)?.named ?? column;
    const rows = own(own(sample.columns, other)?.values ?? {}, value);
    if (rows === undefined) return [];
    // Of a column that no row has, no row is told apart.
    const lacking = own(sample.columns, named) === undefined ? rows : own(rows.lacking, named);
    if (lacking === undefined) return [];
    const only = `\`${other}\` is ${JSON.stringify(value)}`;
    const data = { kind, type, column: named, file, lacking: lacking.count, rows: rows.count, only };
    return [dataDiagnostics["missing-column"](data, details(lacking.first))];
  });
}

/** @param names columns of the file that the dataset knows nothing of */
function helpOnName({ named, namedBy }: ColumnFacts, names: readonly string[]): string {
  const [near] = nearest(named, names);
  const others = names.length === 0 ? "" : `; the file also has ${namesInTicks(names)}`;
  if (namedBy !== null) return `give \`${namedBy}\` the name that the column has${others}`;
  return near === undefined
    ? `add \`${named}\` to every row that needs it${others}`
    : `rename \`${near}\` to \`${named}\` in the file`;
}

function typeFindings(
  { placed, path }: KnownDataset,
  { named: column, types, items }: ColumnFacts,
  { file }: DataSample,
  found: SampleColumn,
): readonly Finding[] {
  const { type } = placed.pair;
  const wrong = (counts: SampleColumn["types"], wanted: readonly string[], inLists: boolean) =>
    (Object.entries(counts) as [string, SampleCount][]).flatMap(([name, { count, first }]) => {
      if (wanted.includes(name) || (name === "integer" && wanted.includes("number"))) return [];
      const related = [{ at: placeIn(file, first), message: "the first one", gives: ["count"] }];
      const data = { type, column, wanted, found: name, count, file, inLists };
      return [dataDiagnostics["column-type"](data, { at: at(path), related })];
    });
  return [
    ...(types.length === 0 ? [] : wrong(found.types, types, false)),
    ...(items === null ? [] : wrong(found.items, [items], true)),
  ];
}

function unevenFindings(
  { placed, path, columns }: KnownDataset,
  { named: column, sameLengthAs }: ColumnFacts,
  { file }: DataSample,
  { uneven = {} }: SampleColumn,
): readonly Finding[] {
  const other = columns.find(({ name }) => name === sameLengthAs)?.named ?? sameLengthAs;
  const found = other === null ? undefined : own(uneven, other);
  if (other === null || found === undefined) return [];
  const related = [{ at: placeIn(file, found.first), message: "the first one", gives: ["count"] }];
  const data = { type: placed.pair.type, column, other, count: found.count, file };
  return [dataDiagnostics["uneven-lists"](data, { at: at(path), related })];
}

function valueFindings(
  { placed, path }: KnownDataset,
  { named: column, values }: ColumnFacts,
  { file }: DataSample,
  found: SampleColumn,
): readonly Finding[] {
  if (values === null) return [];
  return Object.entries(found.values ?? {}).flatMap(([value, { count, first }]) => {
    if (values.includes(value)) return [];
    const place = placeIn(file, first);
    const near = suggestion(value, values);
    const data = { type: placed.pair.type, column, value, count, file, known: [...values] };
    return [
      dataDiagnostics["unknown-value"](data, {
        at: at(path),
        related: [{ at: place, message: "the first one", gives: ["count"] }],
        // One row is corrected by one fix.
        ...(near.fix !== undefined && count === 1 ? { ...near, fixAt: place } : {}),
      }),
    ];
  });
}

function lengthFindings(
  { placed, path }: KnownDataset,
  { named: column, maxTokens }: ColumnFacts,
  { file }: DataSample,
  { largest }: SampleColumn,
): readonly Finding[] {
  const limit = maxTokens === null ? undefined : own(placed.pair.args, maxTokens);
  if (maxTokens === null || typeof limit !== "number" || largest === null || largest.size <= limit) return [];
  const { size, of } = largest;
  return [
    dataDiagnostics["too-long"](
      { column, file, size, of, argument: maxTokens, limit },
      {
        at: at(`${placed.pointer}/args${toPointer([maxTokens])}`),
        gives: ["limit"],
        related: [
          { at: placeIn(file, largest.at), message: "the longest one", gives: ["size"] },
          { at: at(path), message: `\`${file}\` is known of this dataset` },
        ],
      },
    ),
  ];
}

/** Where rows are from that no reward of the setup knows what to do with. */
function sourceFindings(dataset: KnownDataset, coverage: ReadonlyMap<string, Coverage>): readonly Finding[] {
  const { placed, columns, sample, path, isStream } = dataset;
  if (isStream) return [];
  return [...coverage].flatMap(([name, { values: covered, by }]) => {
    const column = columns.find((one) => one.name === name);
    const [[type, reward]] = [...by] as [[string, PlacedPair]];
    const related: readonly RelatedPlace[] = [...by].map(([each, { kind, pointer }]) => ({
      at: at(pointer),
      message: `rewards of ${kind} \`${each}\``,
    }));
    const findings: Finding[] = [];
    const uncovered = (value: string, count: number, first: LineStretch | null) => {
      const file = sample?.file ?? "";
      const data = { type: placed.pair.type, column: column?.named ?? name, value, count, file, covered: [...covered] };
      const row = first === null ? [] : [{ at: placeIn(file, first), message: "the first one", gives: ["count"] }];
      findings.push(dataDiagnostics["uncovered-source"](data, { at: at(path), related: [...row, ...related] }));
    };
    const told = new Set<string>();
    for (const [value, { count, first }] of Object.entries(
      own(sample?.columns ?? {}, column?.named ?? name)?.values ?? {},
    )) {
      told.add(value);
      // What the dataset itself does not take is told already.
      if (covered.has(value) || column?.values?.includes(value) === false) continue;
      uncovered(value, count, first);
    }
    // All rows are known: what others might have does not matter.
    const isKnown = sample !== null && sample.isWhole && !sample.isCut && sample.rows > 0;
    for (const value of isKnown ? [] : (column?.values ?? [])) {
      if (!covered.has(value) && !told.has(value)) uncovered(value, 0, null);
    }
    // Whoever declares the column says himself whether rows need it.
    if (column === undefined && sample !== null && sample.rows > 0) {
      findings.push(...lackFindings(dataset, sourceColumn(name), sample, reward.kind, type));
    }
    return findings;
  });
}

function sourceColumn(name: string): ColumnFacts {
  const nothing = { types: [], items: null, sameLengthAs: null, values: null, maxTokens: null, namedBy: null };
  return { ...nothing, name, named: name, isOptional: false, rows: {} };
}

/** Data that is known to the last row must fill a batch: the rest of an epoch is dropped. */
function batchFindings(config: ExperimentConfig, base: string, datasets: readonly KnownDataset[]): readonly Finding[] {
  const trained = datasets.filter(
    ({ placed, isStream }) =>
      !isStream && /\/modelWorker\/(?:shared|groups\/\d+\/own)\/datasets\//.test(placed.pointer),
  );
  const samples = trained.flatMap(({ sample }) => (sample === null || !sample.isWhole || sample.isCut ? [] : [sample]));
  if (trained.length === 0 || samples.length < trained.length) return [];
  const rows = samples.reduce((sum, sample) => sum + sample.rows, 0);
  // Empty files are told as such, and a line that is none may be a row once it is corrected.
  if (rows === 0 || samples.some(({ fault }) => fault !== null)) return [];
  const largest = [...config.modelRpcs.entries()].reduce<readonly [number, string, number] | null>(
    (before, [index, { name, nSeqs }]) => (nSeqs > (before?.[2] ?? rows) ? [index, name, nSeqs] : before),
    null,
  );
  if (largest === null) return [];
  const [index, call, batch] = largest;
  return [
    dataDiagnostics["fewer-rows-than-batch"](
      { call, files: samples.map(({ file }) => file), rows, batch },
      {
        at: at(`${base}/modelRpcs/${index}/nSeqs`),
        gives: ["batch"],
        related: trained.map(({ path }) => ({ at: at(path), message: "these are all rows", gives: ["rows"] })),
      },
    ),
  ];
}

function placeIn(file: string, stretch: LineStretch): Place {
  const { line, column, length } = stretch;
  return { kind: "span", span: { file, line, column, length } };
}
