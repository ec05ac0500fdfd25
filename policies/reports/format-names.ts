/** What a report may be written as. They stand alone because help needs no more than their names. */
export const formatNames = ["text", "json", "sarif", "junit", "github"] as const;
export type FormatName = (typeof formatNames)[number];
