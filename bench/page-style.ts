/** How the page of the report looks, by day and by night. */
export const style = `
:root { color-scheme: light dark; --text: #1c2430; --faint: #5b6675; --line: #d9dee5; --page: #ffffff; --s0: #1f6feb; --s1: #b35900; --s2: #1a7f37; --met: #1a7f37; --missed: #c4320a }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ee; --faint: #9aa5b4; --line: #323a46; --page: #14181e; --s0: #6cb0ff; --s1: #f0a35e; --s2: #56d364; --met: #56d364; --missed: #ff8a70 }
}
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
h1, h2 { line-height: 1.2 }
section { border-top: 1px solid var(--line); margin-top: 2rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 500 }
td, tr:first-child th:not(:first-child) { text-align: right }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); white-space: nowrap }
.met { color: var(--met) }
.missed { color: var(--missed) }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; margin-top: 1.5rem }
figure { margin: 0; max-width: 30rem }
figcaption { font-weight: 500 }
.key { font-weight: 400; font-size: .875rem; margin-left: .6rem }
.key::before { content: ''; display: inline-block; width: .9em; height: 3px; margin-right: .35em; vertical-align: middle; background: currentColor }
.key.s0 { color: var(--s0) } .key.s1 { color: var(--s1) } .key.s2 { color: var(--s2) }
svg { width: 100%; height: auto }
svg text { font-size: 11px; fill: var(--faint) }
.grid { stroke: var(--line) }
polyline { fill: none; stroke-width: 2 }
polyline.s0 { stroke: var(--s0) } polyline.s1 { stroke: var(--s1) } polyline.s2 { stroke: var(--s2) }
circle.s0 { fill: var(--s0) } circle.s1 { fill: var(--s1) } circle.s2 { fill: var(--s2) }
`
