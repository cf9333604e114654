/** The script of the dashboard's page. The build replaces this text with the bundle of `page/page.ts`. */
export const DASHBOARD_SCRIPT: string = "";
