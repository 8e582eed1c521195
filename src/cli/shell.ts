/** The command that goes to a folder, quoted for a shell where it must be; none for the folder itself. */
export function changeFolder(folder: string): readonly string[] {
  if (folder === "") return [];
  return [`cd ${/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", String.raw`'\''`)}'`}`];
}
