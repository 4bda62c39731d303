// Owns the value that enters the core: the text of one file. Never reads a file.

/** `path` is relative to the spec directory, with `/` between its parts; `text` is decoded UTF-8, a BOM allowed. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The largest file that is read, 8 MiB. The reader raises `file.too-large`, before it reads. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
