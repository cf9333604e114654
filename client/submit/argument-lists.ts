/**
 * The argument lists of a map's items. They are made on demand: together, those of a million items would take more
 * memory than the items.
 */
export interface ArgumentLists {
  readonly length: number;
  of(item: number): readonly unknown[];
}

export function listsOf(rows: readonly (readonly unknown[])[]): ArgumentLists {
  return { length: rows.length, of: (item) => rows[item] ?? [] };
}

/** The argument lists of the items in [from, to). */
export function listsBetween(lists: ArgumentLists, from: number, to: number): (readonly unknown[])[] {
  return Array.from({ length: to - from }, (_, at) => lists.of(from + at));
}
