// Owns the formats that schema/plan.schema.json names. Never says what is wrong with a text.

export const formats = { 'date-time': isInstant };

/** As plans are written: so that an instant that was read is told in the same letters. */
function isInstant(text: string): boolean {
  const instant = Date.parse(text);
  return !Number.isNaN(instant) && new Date(instant).toISOString() === text;
}
