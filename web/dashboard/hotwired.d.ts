// Turbo ships without types; this names the little of it that the dashboard uses.
declare module "@hotwired/turbo" {
  export const session: { refresh(url: string): void };
  export const navigator: { readonly currentVisit?: object; stop(): void };
  export function visit(location: string, options?: { action?: "advance" | "replace" }): void;
}
