import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Finding, Place, RelatedPlace } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";

/** Maps places of running code back to the sources. A file's map is decoded once, and each place once. */
export class Positions {
  readonly #maps = new Map<string, string | TraceMap>();
  readonly #known = new Map<string, CallSite>();

  /** Notes the source map (JSON) of a file. */
  add(file: string, map: string | null): void {
    if (map !== null) this.#maps.set(file, map);
  }

  /** The source's place of a frame. */
  site(frame: CallSite): CallSite {
    const key = `${frame.file}:${frame.line}:${frame.column}`;
    let site = this.#known.get(key);
    if (site === undefined) {
      site = this.#map(frame);
      this.#known.set(key, site);
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
    const found = originalPositionFor(map, { line, column: column - 1 });
    return found.line === null ? frame : { file, line: found.line, column: found.column + 1 };
  }
}
