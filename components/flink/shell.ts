/** A text as one word of bash, whatever is in it. */
export const quote = (text: string) => (text === "" ? "''" : `'${text.replaceAll("'", `'\\''`)}'`);

/** The same, without quotes where bash needs none. */
export const word = (text: string) => (/^[\w.,:=/@%+-]+$/.test(text) ? text : quote(text));
