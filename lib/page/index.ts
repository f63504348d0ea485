export { inlineSource } from './digest';
export { escapeHtml, hasHidden, html, Html, link, plain, safeLink } from './html';
export type { HtmlPart } from './html';
export { PALETTE } from './palette';
