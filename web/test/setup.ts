// Stands in for what a browser has, before the app's files are read.
Object.assign(globalThis, { document: { documentElement: { lang: "en" } }, localStorage: { getItem: () => null, setItem: () => {} } });
