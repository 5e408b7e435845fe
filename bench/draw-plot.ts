import { init } from 'echarts';
import type { Plot } from './measurement.ts';

const size = { width: 720, height: 360 };

/** As SVG, on white, so that it is readable in light and dark pages alike. */
export function drawPlot({ title, x, y, hasLogarithmicX = false, lines }: Plot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 30, top: 50, bottom: 80 },
    xAxis: { type: hasLogarithmicX ? 'log' : 'value', name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: y, nameLocation: 'middle', nameGap: 50, min: 0 },
    series: lines.map(({ name, points }) => ({
      type: 'line',
      name,
      data: points.map((point) => [point.x, point.y]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
