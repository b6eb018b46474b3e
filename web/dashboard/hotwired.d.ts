// Turbo ships without types; this names the little of it that the dashboard uses.
declare module "@hotwired/turbo" {
  export const session: {
    visit(url: string, options: { action: "replace"; shouldCacheSnapshot: boolean }): void;
  };
  export const navigator: { readonly currentVisit?: object; stop(): void };
  export function morphElements(current: Element, next: Element): void;
  export function visit(location: string, options?: { action?: "advance" | "replace" }): void;
}
