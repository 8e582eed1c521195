/** True for a group of options: an object that is no list. */
export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A group as plain data: instances of option classes become objects, symbols stay. */
export function plainGroup(group: object): Record<string, unknown> {
  const plain: Record<string | symbol, unknown> = {};
  for (const key of Reflect.ownKeys(group)) {
    if (key === "__proto__") continue;
    const value = (group as Record<string | symbol, unknown>)[key];
    plain[key] = isGroup(value) ? plainGroup(value) : value;
  }
  return plain as Record<string, unknown>;
}
