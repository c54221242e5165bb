// ECharts in a box: only the parts used, redrawn when the box or the colour scheme changes.
import { BarChart, CustomChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'preact/hooks';

use([BarChart, CustomChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const dark = matchMedia('(prefers-color-scheme: dark)');

export interface Palette { text: string; line: string; first: string; second: string; surface: string }

function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: value('--text'), line: value('--line'), first: value('--first'), second: value('--second'),
    surface: value('--surface'),
  };
}

interface Properties { label: string; height: number; options: (palette: Palette) => object }

export function Chart({ label, height, options }: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(options);
  latest.current = options;

  useEffect(() => {
    const chart = init(box.current!, undefined, { renderer: 'svg' });
    const draw = () => chart.setOption({ animation: false, aria: { enabled: true, label: { description: label } },
                                         ...latest.current(palette()) }, true);
    const watcher = new ResizeObserver(() => chart.resize());
    watcher.observe(box.current!);
    dark.addEventListener('change', draw);
    (box.current as any).redraw = draw;
    draw();
    return () => {
      watcher.disconnect();
      dark.removeEventListener('change', draw);
      chart.dispose();
    };
  }, []);
  useEffect(() => (box.current as any)?.redraw?.());
  return <div ref={box} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}
