/** Version of the app, from package.json; replaced by the build. */
declare const __VERSION__: string;
