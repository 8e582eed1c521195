import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const CHAT_PACKAGE = join(CHECKOUT, "test/fixtures/packages/assay-dataset-chat");
const TSC = join(CHECKOUT, "node_modules/typescript/bin/tsc");

/** A package as `npm pack` makes it. */
export interface Packed {
  readonly tarball: string;
  /** Paths of its files. */
  readonly files: readonly string[];
}

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Tarballs of the library and of the second package. The compiled library must be there. */
export function packBoth(folder: string): { readonly assay: Packed; readonly chat: Packed } {
  return { assay: packAssay(folder), chat: pack(CHAT_PACKAGE, folder) };
}

/** Tarball of the library. It must be compiled. */
export function packAssay(folder: string): Packed {
  if (!existsSync(join(CHECKOUT, "dist/build-id.json"))) throw new Error("run `npm run build` first");
  return pack(CHECKOUT, folder);
}

/** Tarball of a package; its scripts are run only if that is asked for, and print to stderr then. */
export function pack(source: string, folder: string, { scripts = false } = {}): Packed {
  const options = [
    "--json",
    "--pack-destination",
    folder,
    ...(scripts ? ["--foreground-scripts=false"] : ["--ignore-scripts"]),
  ];
  const { stdout } = sound(run("npm", ["pack", ...options], source));
  const [packed] = JSON.parse(stdout) as readonly {
    readonly filename: string;
    readonly files: readonly { path: string }[];
  }[];
  if (packed === undefined) throw new Error(`npm packed nothing: ${stdout}`);
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** A project outside of the checkout, with packages installed from tarballs as their users do it. */
export class EmptyProject {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "assay-empty-")));

  /** Installs without a registry: what the library depends on is copied from the checkout. */
  constructor(tarballs: readonly string[]) {
    this.write({ "package.json": JSON.stringify({ name: "chat-sft", private: true, type: "module" }) });
    for (const path of productionPackages()) {
      cpSync(join(CHECKOUT, path), join(this.root, path), { recursive: true });
    }
    // npm asks the registry for a package whose programs are not linked.
    cpSync(join(CHECKOUT, "node_modules/.bin"), join(this.root, "node_modules/.bin"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    sound(run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs], this.root));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(files)) {
      const path = join(this.root, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  /** The compiler, and what authors of packages need beside it, as `npm install` brings them. */
  linkTools(): void {
    for (const name of ["typescript", "@types/node"]) {
      const path = join(this.root, "node_modules", name);
      mkdirSync(dirname(path), { recursive: true });
      if (!existsSync(path)) symlinkSync(join(CHECKOUT, "node_modules", name), path, "dir");
    }
    // npm takes away what it has not installed itself.
    const program = join(this.root, "node_modules/.bin/tsc");
    if (!existsSync(program)) symlinkSync("../typescript/bin/tsc", program);
  }

  /** Copies a project of the fixtures. */
  copy(fixture: string): void {
    cpSync(join(CHECKOUT, "test/fixtures/projects", fixture), this.root, {
      recursive: true,
      filter: (file) => !file.endsWith("package.json"),
    });
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  delete(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  has(file: string): boolean {
    return existsSync(join(this.root, file));
  }

  tsc(...args: readonly string[]): Ended {
    return tsc(this.root, ...args);
  }

  node(...args: readonly string[]): Ended {
    return run(process.execPath, args, this.root);
  }

  /** The command as npm installed it. */
  assay(...args: readonly string[]): Ended {
    return run(join(this.root, "node_modules/.bin/assay"), args, this.root);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Packages that the library's own `package.json` brings along, by path in the checkout. */
function productionPackages(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  return Object.entries(packages).flatMap(([path, { dev, devOptional }]) =>
    // Builds for other machines are in the lock file only.
    path !== "" && !dev && !devOptional && existsSync(join(CHECKOUT, path)) ? [path] : [],
  );
}

/** The compiler of the checkout, in a folder. */
export function tsc(cwd: string, ...args: readonly string[]): Ended {
  return run(process.execPath, [TSC, ...args], cwd);
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], cwd: string): Ended {
  const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", npm_config_update_notifier: "false" };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** What a program gave that must not fail. */
export function sound(ended: Ended): Ended {
  if (ended.status !== 0) throw new Error(`exit code ${ended.status}\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}
