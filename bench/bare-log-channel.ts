/** Where the bytes of a bare log are published; `*` for all. */
export const bareLogChannel = (name: string): string => `bare-log:${name}`;
