// Owns what this folder needs of a log. Never writes one.

export interface OutboundLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
