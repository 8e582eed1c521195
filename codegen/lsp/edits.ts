/** One replacement: `removed` UTF-16 units from `offset` on made room for `inserted` ones. */
export interface Edit {
  readonly offset: number;
  readonly removed: number;
  readonly inserted: number;
}

/** A stretch of a text, by UTF-16 offsets. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A stretch after edits. */
export interface MovedStretch extends Stretch {
  /** True if an edit changed characters of it: what was said of them may not hold any more. */
  readonly touched: boolean;
}

/** Where a stretch is after edits, each of which is counted in the text that the ones before it left. `null`: it is gone. */
export function moveStretch(edits: readonly Edit[], stretch: Stretch): MovedStretch | null {
  const wasEmpty = stretch.start === stretch.end;
  let moved: MovedStretch = { ...stretch, touched: false };
  for (const edit of edits) {
    moved = moveOnce(edit, moved);
    if (moved.touched && moved.start === moved.end && !wasEmpty) return null;
  }
  return moved;
}

function moveOnce({ offset, removed, inserted }: Edit, { start, end, touched }: MovedStretch): MovedStretch {
  const stop = offset + removed;
  const shift = inserted - removed;
  if (stop <= start) return { start: start + shift, end: end + shift, touched };
  if (offset >= end) return { start, end, touched };
  // What was typed inside belongs to it; what was typed over its edge does not.
  return {
    start: offset < start ? offset + inserted : start,
    end: stop > end ? offset + (offset < start ? inserted : 0) : end + shift,
    touched: true,
  };
}

/** Where an offset of the edited text was before; inside of an edit, where that began. */
export function offsetBefore(edits: readonly Edit[], offset: number): number {
  return edits.reduceRight((at, edit) => {
    if (at < edit.offset) return at;
    if (at < edit.offset + edit.inserted) return edit.offset;
    return at - edit.inserted + edit.removed;
  }, offset);
}

/** The one edit that makes a text of another, as small as it gets; `null` for equal texts. */
export function editBetween(before: string, after: string): Edit | null {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let same = 0;
  while (same < most && before[same] === after[same]) same += 1;
  let tail = 0;
  while (tail < most - same && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { offset: same, removed: before.length - same - tail, inserted: after.length - same - tail };
}
