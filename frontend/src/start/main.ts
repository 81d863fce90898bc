/** The sheet that starts a flow: any button with `data-start-flow` opens it. */
export {}
