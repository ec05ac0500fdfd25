/** Any text as a single word of bash. */
export const quote = (text: string) => (text === "" ? "''" : `'${text.replaceAll("'", `'\\''`)}'`);

/** The same, without quotes if bash needs none. */
export const word = (text: string) => (/^[\w.,:=/@%+-]+$/.test(text) ? text : quote(text));
