using Cotyledon.Hosting.Serilog.Wire;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Levels;

/// <summary>
/// The levels of the master, for all categories that workers have used. Serilog raises no event when a level changes, by a level switch or
/// a reload, so the levels have to be polled with <see cref="Refresh"/>.
/// </summary>
internal sealed class LevelTable
{
    private readonly ILogger _root;
    private readonly List<Category> _all = [];
    private readonly Dictionary<string, Category> _byName = [];

    public LevelTable(ILogger root)
    {
        _root = root;
        Root = new Category("", _all.Count, root);
        _all.Add(Root);
    }

    /// <summary>The category of events without a category name.</summary>
    public Category Root { get; }

    /// <summary>All categories in the order of their index; the root is the first.</summary>
    public IReadOnlyList<Category> All => _all;

    /// <summary>Returns the category of this name. Beyond the limit, it is a new one that is not kept and has no index.</summary>
    public Category Of(string name)
    {
        if (_byName.TryGetValue(name, out var known))
        {
            return known;
        }

        var logger = _root.ForContext(Constants.SourceContextPropertyName, name);
        if (_byName.Count >= Limits.MaxCategories || name.Length is 0 or > Limits.MaxKnownTextLength)
        {
            return new Category(name, -1, logger);
        }

        var category = new Category(name, _all.Count, logger);
        _all.Add(category);
        _byName.Add(name, category);
        return category;
    }

    /// <summary>Reads the levels of all loggers again.</summary>
    /// <returns>True if a level has changed.</returns>
    public bool Refresh()
    {
        var hasChanged = false;
        for (var i = 0; i < _all.Count; i++)
        {
            hasChanged |= _all[i].Refresh();
        }

        return hasChanged;
    }
}

/// <summary>One category in the master, with the logger that has its level.</summary>
internal sealed class Category
{
    private const int Off = (int)LogEventLevel.Fatal + 1;

    public Category(string name, int index, ILogger logger)
    {
        (Name, Index, Logger) = (name, index, logger);
        Refresh();
    }

    public string Name { get; }

    public int Index { get; }

    public ILogger Logger { get; }

    public byte Level { get; private set; }

    public bool Refresh()
    {
        var level = 0;
        while (level < Off && !Logger.IsEnabled((LogEventLevel)level))
        {
            level++;
        }

        var hasChanged = level != Level;
        Level = (byte)level;
        return hasChanged;
    }
}
