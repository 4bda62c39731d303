// Owns how words of a command line are written so that a shell reads them as they are. Never runs a command.

export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
