import { isAbsolute, relative, resolve, sep } from "node:path";

/**
 * The absolute path of a project-relative one; `null` if that is absolute or leads out of `root` (or to `root` itself).
 */
export function insidePath(root: string, path: string): string | null {
  if (path === "" || isAbsolute(path) || path.includes("\0")) return null;
  const absolute = resolve(root, path);
  const back = relative(resolve(root), absolute);
  return back === "" || back === ".." || back.startsWith(`..${sep}`) || isAbsolute(back) ? null : absolute;
}
