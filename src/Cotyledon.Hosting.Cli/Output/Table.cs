using System.Text;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Aligned columns with a space of two between them. No column is hidden and no cell is cut, so that other programs can read them.</summary>
/// <param name="headers">The names of the columns.</param>
internal sealed class Table(params IReadOnlyList<string> headers)
{
    private readonly List<IReadOnlyList<Cell>> _rows = [];

    public void Add(params IReadOnlyList<Cell> cells) => _rows.Add(cells);

    /// <summary>Returns the line of the headers and those of the rows.</summary>
    public IReadOnlyList<string> Lines(Style style)
    {
        var widths = headers.Select((header, i) => _rows.Select(row => row[i].Width).Append(header.Length).Max()).ToArray();
        return
        [
            Line([.. headers.Select(header => new Cell(header, Tone.Bold))], widths, style),
            .. _rows.Select(row => Line(row, widths, style)),
        ];
    }

    private static string Line(IReadOnlyList<Cell> cells, int[] widths, Style style)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Count; i++)
        {
            line.Append(style.Of(cells[i].Text, cells[i].Tone));
            if (i < cells.Count - 1)
            {
                line.Append(' ', widths[i] - cells[i].Width + 2);
            }
        }

        return line.ToString();
    }
}
