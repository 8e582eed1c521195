import { TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import type { Finding, Place, RelatedPlace } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";

/** Maps places of running code back to the sources. A file's map is decoded once, and each place once. */
export class Positions {
  readonly #maps = new Map<string, string | TraceMap>();
  readonly #texts = new Map<string, Texts>();
  readonly #known = new Map<string, Map<string, CallSite>>();

  /** Notes the source map (JSON) of a file, and its text before and after; what was known of an earlier text is forgotten. */
  add(file: string, map: string | null, source: string, code: string): void {
    this.#known.delete(file);
    this.#maps.delete(file);
    this.#texts.delete(file);
    if (map === null) return;
    this.#maps.set(file, map);
    this.#texts.set(file, { source, code });
  }

  /** The source's place of a frame. */
  site(frame: CallSite): CallSite {
    let known = this.#known.get(frame.file);
    if (known === undefined) {
      known = new Map();
      this.#known.set(frame.file, known);
    }
    const key = `${frame.line}:${frame.column}`;
    let site = known.get(key);
    if (site === undefined) {
      site = this.#map(frame);
      known.set(key, site);
    }
    return site;
  }

  sites(frames: readonly CallSite[]): readonly CallSite[] {
    return frames.map((frame) => this.site(frame));
  }

  /** A finding whose frames are places of the sources. */
  finding(finding: Finding): Finding {
    const { at, related } = finding;
    return {
      ...finding,
      at: this.#place(at),
      ...(related === undefined
        ? {}
        : { related: related.map((one): RelatedPlace => ({ ...one, at: this.#place(one.at) })) }),
    };
  }

  #place(place: Place): Place {
    return place.kind === "site" ? { ...place, frames: this.sites(place.frames) } : place;
  }

  #map(frame: CallSite): CallSite {
    const { file, line, column } = frame;
    let map = this.#maps.get(file);
    if (map === undefined) return frame;
    if (typeof map === "string") {
      map = new TraceMap(map);
      this.#maps.set(file, map);
    }
    const segment = traceSegment(map, line - 1, column - 1);
    if (segment === null || segment.length === 1) return frame;
    const [start, , sourceLine, sourceColumn] = segment;
    const passed = start === column - 1 ? 0 : this.#wordAfter(frame, start, sourceLine, sourceColumn);
    return { file, line: sourceLine + 1, column: sourceColumn + passed + 1 };
  }

  /** The map may know the statement only: how far behind its start the word stands that the frame is about. */
  #wordAfter({ file, line, column }: CallSite, start: number, sourceLine: number, sourceColumn: number): number {
    const texts = this.#texts.get(file);
    const code = texts?.code.split("\n")[line - 1] ?? "";
    const word = /^[\w$]+/.exec(code.slice(column - 1))?.[0];
    if (texts === undefined || word === undefined) return 0;
    const pattern = new RegExp(String.raw`(?<![\w$])${word.replaceAll("$", String.raw`\$`)}(?![\w$])`, "g");
    const before = code.slice(start, column - 1).match(pattern)?.length ?? 0;
    const rest = texts.source.split("\n")[sourceLine]?.slice(sourceColumn) ?? "";
    return [...rest.matchAll(pattern)][before]?.index ?? 0;
  }
}

interface Texts {
  readonly source: string;
  readonly code: string;
}
