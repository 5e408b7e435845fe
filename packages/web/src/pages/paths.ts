// The addresses stand a floor lower, where features link to pages too.
export { aliases, type PageName, pagePaths, pathTo, signInPattern } from '../components/paths.ts';
