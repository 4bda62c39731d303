// Owns the value that enters the core: the text of one file. Never reads a file.

/** `path` is relative to the root of the spec, with `/` between its parts; `text` is decoded UTF-8, a BOM allowed. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Of a file of an overlay: which one, counted from 0. A later one is laid over the earlier ones. */
  readonly overlay?: number;
}

/** The largest file that is read, 8 MiB. The reader raises `file.too-large`, before it reads. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
