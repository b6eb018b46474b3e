/** The token every POST carries; pages print it once in their head for the posts scripts make. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}
