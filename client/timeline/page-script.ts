/**
 * The script of a timeline's page. The build replaces this text with the bundle of `page/page.ts`; without a build the
 * page shows its facts only.
 */
export const PAGE_SCRIPT: string = "";
