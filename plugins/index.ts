// Generated from the folders beside this file by `npm run gen`.
export {};
