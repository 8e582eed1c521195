import { dirname, join, sep } from "node:path";
import { findProject, type Project } from "../config.ts";
import { OpenProject, type ProjectEvents } from "./project.ts";

/** All projects that the editor works in: those of its folders, and the nearest of each opened file. */
export class OpenProjects {
  readonly #projects = new Map<string, OpenProject>();
  readonly #events: ProjectEvents;

  constructor(events: ProjectEvents) {
    this.#events = events;
  }

  get all(): readonly OpenProject[] {
    return [...this.#projects.values()];
  }

  /** The project that a folder is in, opened if it was not; `null` if there is none. */
  ofFolder(folder: string): OpenProject | null {
    // Packages that are installed are no projects of the author's.
    if (folder.split(sep).includes("node_modules")) return null;
    const project = projectAround(folder);
    if (project === null) return null;
    const { root, configFile } = project;
    let open = this.#projects.get(root);
    if (open === undefined) {
      open = new OpenProject(root, configFile, this.#events);
      this.#projects.set(root, open);
    }
    return open;
  }

  /** The project that a file is in, opened if it was not. */
  ofFile(path: string): OpenProject | null {
    return this.ofFolder(dirname(path));
  }

  /** Closes the projects inside of a folder, but for those that are still wanted. Returns their roots. */
  async closeIn(folder: string, isWanted: (root: string) => boolean): Promise<readonly string[]> {
    const gone = this.all.filter(({ root }) => isInside(root, folder) && !isWanted(root));
    for (const { root } of gone) this.#projects.delete(root);
    await Promise.all(gone.map((project) => project.close()));
    return gone.map(({ root }) => root);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((project) => project.close()));
    this.#projects.clear();
  }
}

/** The nearest project; if a `package.json` further up names that very config, the project is the one of that file. */
function projectAround(folder: string): Project | null {
  const { project } = findProject(folder);
  if (project === null) return null;
  const outer = findProject(dirname(project.root)).project;
  const isSame = outer !== null && join(outer.root, outer.configFile) === join(project.root, project.configFile);
  return isSame ? outer : project;
}

/** True for a folder itself and for all inside of it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}
