/** Shows or hides the line that says that the page is not up to date. */
export function showConnected(connected: boolean): void {
  const line = document.getElementById("offline-line");
  if (line) line.hidden = connected;
}
