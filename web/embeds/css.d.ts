// The build hands CSS to the embeds as minified text.
declare module "*.css" {
  const text: string;
  export default text;
}
