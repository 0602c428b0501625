<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>nas</name>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Operation</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was sie tut</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MACs</translation>
    </message>
    <message>
        <source>Output memory</source>
        <translation>Speicher der Ausgabe</translation>
    </message>
    <message>
        <source>Memory alive here</source>
        <translation>Belegter Speicher hier</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Peak memory inside</source>
        <translation>Spitzenspeicher darin</translation>
    </message>
    <message>
        <source>Whole network</source>
        <translation>Ganzes Netz</translation>
    </message>
    <message>
        <source>%1 operations</source>
        <translation>%1 Operationen</translation>
    </message>
    <message>
        <source>All activations</source>
        <translation>Alle Aktivierungen</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Peak at</source>
        <translation>Spitze bei</translation>
    </message>
    <message>
        <source>Words to choose</source>
        <translation>Wörter zur Wahl</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Choose from a list (Alt+Down)</source>
        <translation>Aus einer Liste wählen (Alt+Ab)</translation>
    </message>
    <message>
        <source>not measured: Architecture, Measure latency</source>
        <translation>nicht gemessen: Architektur, Latenz messen</translation>
    </message>
</context>
<context>
    <name>nas::ArchitecturePanel</name>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Facts of the chosen node</source>
        <translation>Angaben zum gewählten Knoten</translation>
    </message>
    <message>
        <source>By &amp;layer</source>
        <translation>Je S&amp;chicht</translation>
    </message>
    <message>
        <source>Find operation, shape or path (Ctrl+F)</source>
        <translation>Operation, Form oder Pfad suchen (Strg+F)</translation>
    </message>
    <message>
        <source>Find in the drawing</source>
        <translation>In der Zeichnung suchen</translation>
    </message>
    <message>
        <source>&amp;Operators</source>
        <translation>&amp;Operatoren</translation>
    </message>
    <message>
        <source>How deep groups are opened</source>
        <translation>Wie tief Gruppen geöffnet sind</translation>
    </message>
    <message>
        <source>Fold automatically</source>
        <translation>Automatisch falten</translation>
    </message>
    <message>
        <source>Stages</source>
        <translation>Stufen</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>Finer</source>
        <translation>Feiner</translation>
    </message>
    <message>
        <source>Open all</source>
        <translation>Alle öffnen</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>Verkleinern (-)</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>Vergrößern (+)</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern…</translation>
    </message>
    <message>
        <source>Save the drawing as SVG, PNG or PDF</source>
        <translation>Die Zeichnung als SVG, PNG oder PDF speichern</translation>
    </message>
    <message>
        <source>&amp;Operators (%1)</source>
        <translation>&amp;Operatoren (%1)</translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n gefunden</numerusform>
            <numerusform>%n gefunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Fac&amp;ts</source>
        <translation>An&amp;gaben</translation>
    </message>
    <message>
        <source>Fit the whole graph, folded until it can be read (0)</source>
        <translation>Ganzen Graphen einpassen, zusammengefaltet, bis er lesbar ist (0)</translation>
    </message>
    <message>
        <source>&amp;Memory</source>
        <translation>S&amp;peicher</translation>
    </message>
</context>
<context>
    <name>nas::AxisPlot</name>
    <message>
        <source>Arrows pan, plus and minus zoom, 0 fits, X and Y switch logarithmic axes, Enter selects what is visible, Escape clears the selection</source>
        <translation>Pfeile verschieben, Plus und Minus zoomen, 0 passt ein, X und Y schalten logarithmische Achsen, Eingabe wählt das Sichtbare, Escape hebt die Auswahl auf</translation>
    </message>
    <message>
        <source>No row has finite values here</source>
        <translation>Keine Zeile hat hier endliche Werte</translation>
    </message>
    <message>
        <source>%1, logarithmic</source>
        <translation>%1, logarithmisch</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>Logarithmic &amp;x axis</source>
        <translation>Logarithmische &amp;x-Achse</translation>
    </message>
    <message>
        <source>Logarithmic &amp;y axis</source>
        <translation>Logarithmische &amp;y-Achse</translation>
    </message>
    <message>
        <source>Select &amp;nothing</source>
        <translation>&amp;Nichts auswählen</translation>
    </message>
</context>
<context>
    <name>nas::BarsPlot</name>
    <message>
        <source>Bars</source>
        <translation>Balken</translation>
    </message>
    <message>
        <source>Total %1 %2 in %3 rows</source>
        <translation>Zusammen %1 %2 in %3 Zeilen</translation>
    </message>
    <message>
        <source>; %1 without a value</source>
        <translation>; %1 ohne Wert</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>kein Wert</translation>
    </message>
    <message>
        <source>&amp;Largest first</source>
        <translation>&amp;Größte zuerst</translation>
    </message>
    <message>
        <source>%1 % of all</source>
        <translation>%1 % von allem</translation>
    </message>
</context>
<context>
    <name>nas::BestPlot</name>
    <message>
        <source>Best so far</source>
        <translation>Bisher bester Wert</translation>
    </message>
    <message>
        <source>Median over seeds; dark band: quartiles, pale band: worst to best</source>
        <translation>Median über die Startwerte; dunkles Band: Quartile, helles Band: vom Schlechtesten zum Besten</translation>
    </message>
    <message>
        <source>One run each</source>
        <translation>Je ein Lauf</translation>
    </message>
    <message>
        <source>; without a finite value: %1</source>
        <translation>; ohne endlichen Wert: %1</translation>
    </message>
    <message>
        <source>; %1 runs without any value</source>
        <translation>; %1 Läufe ohne jeden Wert</translation>
    </message>
    <message>
        <source>%1 (%2 seeds)</source>
        <translation>%1 (%2 Startwerte)</translation>
    </message>
    <message>
        <source>  (%1 to %2)</source>
        <translation>  (%1 bis %2)</translation>
    </message>
</context>
<context>
    <name>nas::BestView</name>
    <message>
        <source>&amp;Best so far</source>
        <translation>&amp;Bisher bester Wert</translation>
    </message>
    <message>
        <source>&amp;of</source>
        <translation>v&amp;on</translation>
    </message>
    <message>
        <source>Whose runs</source>
        <translation>Wessen Läufe</translation>
    </message>
    <message>
        <source>this study</source>
        <translation>diese Studie</translation>
    </message>
    <message>
        <source>all its seeds</source>
        <translation>alle ihre Startwerte</translation>
    </message>
    <message>
        <source>all searches of its space</source>
        <translation>alle Suchen in ihrem Raum</translation>
    </message>
    <message>
        <source>Best %1 so far</source>
        <translation>Bisher bester Wert: %1</translation>
    </message>
    <message>
        <source>time of all trials (s)</source>
        <translation>Zeit aller Versuche (s)</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>No complete trial of these studies has this metric yet.</source>
        <translation>Kein fertiger Versuch dieser Studien hat bisher dieses Maß.</translation>
    </message>
    <message>
        <source>The rows of this table are not one search. Open a study to see its best so far.</source>
        <translation>Die Zeilen dieser Tabelle sind nicht die einer Suche. Eine Studie öffnen, um ihren bisher besten Wert zu sehen.</translation>
    </message>
</context>
<context>
    <name>nas::Canvas</name>
    <message>
        <source>Save picture</source>
        <translation>Bild speichern</translation>
    </message>
    <message>
        <source>Pictures (*.svg *.png *.pdf)</source>
        <translation>Bilder (*.svg *.png *.pdf)</translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation>Noch nichts zu zeigen</translation>
    </message>
    <message>
        <source>&amp;Save picture…</source>
        <translation>Bild &amp;speichern…</translation>
    </message>
    <message>
        <source>&amp;Copy picture</source>
        <translation>Bild &amp;kopieren</translation>
    </message>
</context>
<context>
    <name>nas::CellPicture</name>
    <message>
        <source>Decisions of the architecture</source>
        <translation>Entscheidungen der Architektur</translation>
    </message>
    <message>
        <source>No architecture is open</source>
        <translation>Keine Architektur ist offen</translation>
    </message>
    <message>
        <source>differs from the other architectures</source>
        <translation>anders als die übrigen Architekturen</translation>
    </message>
</context>
<context>
    <name>nas::CommandForm</name>
    <message>
        <source>nasctl %1</source>
        <translation>nasctl %1</translation>
    </message>
    <message>
        <source>The command that will run</source>
        <translation>Der Befehl, der ausgeführt wird</translation>
    </message>
    <message>
        <source>What is missing</source>
        <translation>Was fehlt</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Ausführen</translation>
    </message>
    <message>
        <source>&amp;Copy the command</source>
        <translation>Befehl &amp;kopieren</translation>
    </message>
    <message>
        <source>%1 *</source>
        <translation>%1 *</translation>
    </message>
    <message>
        <source>%1 (required)</source>
        <translation>%1 (nötig)</translation>
    </message>
    <message>
        <source>as nasctl chooses</source>
        <translation>nach Wahl von nasctl</translation>
    </message>
    <message>
        <source>%1 %1 … (in quotes where it has blanks)</source>
        <translation>%1 %1 … (in Anführungszeichen, wo Leerzeichen sind)</translation>
    </message>
    <message>
        <source>%1 for %2</source>
        <translation>%1 für %2</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>%1 is missing: %2</source>
        <translation>%1 fehlt: %2</translation>
    </message>
</context>
<context>
    <name>nas::CompareView</name>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Comparison of architectures</source>
        <translation>Vergleich von Architekturen</translation>
    </message>
    <message>
        <source>Costs and decisions</source>
        <translation>Kosten und Entscheidungen</translation>
    </message>
    <message>
        <source>&amp;Next difference</source>
        <translation>&amp;Nächster Unterschied</translation>
    </message>
    <message>
        <source>&amp;Previous</source>
        <translation>&amp;Voriger</translation>
    </message>
    <message>
        <source>differs from A</source>
        <translation>anders als A</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MACs</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Nodes marked</source>
        <translation>Markierte Knoten</translation>
    </message>
    <message>
        <source>No decision differs: these are equal</source>
        <translation>Keine Entscheidung ist verschieden: sie sind gleich</translation>
    </message>
    <message>
        <source>%1 of %2 decisions differ. Marked +: not in A; marked −: in A, not in all others</source>
        <translation>%1 von %2 Entscheidungen sind verschieden. Markiert +: nicht in A; markiert −: in A, nicht in allen anderen</translation>
    </message>
</context>
<context>
    <name>nas::CorrelationPlot</name>
    <message>
        <source>Rank correlations</source>
        <translation>Rangkorrelationen</translation>
    </message>
    <message>
        <source>Spearman ρ of %1 of %2 rows, evenly chosen</source>
        <translation>Spearman ρ von %1 von %2 Zeilen, gleichmäßig gewählt</translation>
    </message>
    <message>
        <source>Spearman ρ of all of %1 rows</source>
        <translation>Spearman ρ aller %1 Zeilen</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <translation>%1 und %2</translation>
    </message>
    <message>
        <source>Spearman ρ = %1</source>
        <translation>Spearman ρ = %1</translation>
    </message>
    <message>
        <source>undefined: constant, or fewer than two rows with both values</source>
        <translation>nicht definiert: konstant, oder weniger als zwei Zeilen mit beiden Werten</translation>
    </message>
</context>
<context>
    <name>nas::CorrelationView</name>
    <message>
        <source>Rank &amp;correlations</source>
        <translation>Rang&amp;korrelationen</translation>
    </message>
    <message>
        <source>There is no column of numbers to show. Choose some with Columns (Alt+C).</source>
        <translation>Es ist keine Zahlenspalte zu sehen. Mit Spalten (Alt+T) welche wählen.</translation>
    </message>
</context>
<context>
    <name>nas::CurveView</name>
    <message>
        <source>Training cur&amp;ve</source>
        <translation>&amp;Trainingsverlauf</translation>
    </message>
    <message>
        <source>&amp;of</source>
        <translation>v&amp;on</translation>
    </message>
    <message>
        <source>Which curve</source>
        <translation>Welcher Verlauf</translation>
    </message>
    <message>
        <source>This table has no training curves. Open a study that trains its trials.</source>
        <translation>Diese Tabelle hat keine Trainingsverläufe. Eine Studie öffnen, die ihre Versuche trainiert.</translation>
    </message>
    <message>
        <source>The selected trials were not trained here: they have no training curve.</source>
        <translation>Die gewählten Versuche wurden nicht hier trainiert: sie haben keinen Verlauf.</translation>
    </message>
    <message>
        <source>Select trials in the table to see their training curves.</source>
        <translation>Versuche in der Tabelle wählen, um ihre Trainingsverläufe zu sehen.</translation>
    </message>
    <message>
        <source>the study itself</source>
        <translation>die Studie selbst</translation>
    </message>
    <message>
        <source>trial %1</source>
        <translation>Versuch %1</translation>
    </message>
    <message>
        <source>the first %1 of %2 selected</source>
        <translation>die ersten %1 von %2 gewählten</translation>
    </message>
    <message>
        <source>%1 selected without one</source>
        <translation>%1 gewählte ohne</translation>
    </message>
    <message>
        <source>Training curves</source>
        <translation>Trainingsverläufe</translation>
    </message>
    <message>
        <source>Training curves: %1</source>
        <translation>Trainingsverläufe: %1</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
</context>
<context>
    <name>nas::CurvesPlot</name>
    <message>
        <source>Training curves</source>
        <translation>Trainingsverläufe</translation>
    </message>
    <message>
        <source>Showing all of %1 trainings</source>
        <translation>Alle %1 Trainings</translation>
    </message>
    <message>
        <source>; %1 epochs without a finite value</source>
        <translation>; %1 Epochen ohne endlichen Wert</translation>
    </message>
    <message>
        <source>training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>epoch %1: %2</source>
        <translation>Epoche %1: %2</translation>
    </message>
</context>
<context>
    <name>nas::DetailsPanel</name>
    <message>
        <source>Judged as: %1</source>
        <translation>Beurteilt als: %1</translation>
    </message>
    <message>
        <source>Trained as: %1</source>
        <translation>Trainiert als: %1</translation>
    </message>
    <message>
        <source>&amp;Draw the architecture</source>
        <translation>Architektur &amp;zeichnen</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Values of the row</source>
        <translation>Werte der Zeile</translation>
    </message>
    <message>
        <source>Property</source>
        <translation>Eigenschaft</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>No row is selected</source>
        <translation>Keine Zeile ist gewählt</translation>
    </message>
    <message>
        <source>Trial %1 of %2</source>
        <translation>Versuch %1 von %2</translation>
    </message>
    <message>
        <source>Row %1 of %2</source>
        <translation>Zeile %1 von %2</translation>
    </message>
</context>
<context>
    <name>nas::DistributionPlot</name>
    <message>
        <source>Distribution</source>
        <translation>Verteilung</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Showing all of %1 rows in %2 bins</source>
        <translation>Alle %1 Zeilen in %2 Klassen</translation>
    </message>
    <message>
        <source>; %1 without a finite value</source>
        <translation>; %1 ohne endlichen Wert</translation>
    </message>
    <message>
        <source>; %1 not positive</source>
        <translation>; %1 nicht positiv</translation>
    </message>
    <message>
        <source>rows in a bin</source>
        <translation>Zeilen einer Klasse</translation>
    </message>
    <message>
        <source>share up to here</source>
        <translation>Anteil bis hier</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>%1 % up to here</source>
        <translation>%1 % bis hier</translation>
    </message>
    <message>
        <source>%1 selected</source>
        <translation>%1 gewählt</translation>
    </message>
</context>
<context>
    <name>nas::DistributionView</name>
    <message>
        <source>&amp;Distribution</source>
        <translation>&amp;Verteilung</translation>
    </message>
    <message>
        <source>Distribution of %1</source>
        <translation>Verteilung von %1</translation>
    </message>
</context>
<context>
    <name>nas::EventsModel</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschah</translation>
    </message>
</context>
<context>
    <name>nas::FilterLine</name>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Comparisons of columns joined by and, or, not. Enter applies it.</source>
        <translation>Vergleiche von Spalten, verbunden mit and, or, not. Eingabe wendet ihn an.</translation>
    </message>
    <message>
        <source>Problem of the filter</source>
        <translation>Fehler im Filter</translation>
    </message>
    <message>
        <source>Filter, such as  %1</source>
        <translation>Filter, etwa  %1</translation>
    </message>
</context>
<context>
    <name>nas::GraphView</name>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Arranging %1 operations… Escape cancels</source>
        <translation>%1 Operationen werden angeordnet… Escape bricht ab</translation>
    </message>
    <message>
        <source>Cancelled. Enter starts again</source>
        <translation>Abgebrochen. Eingabe beginnt von vorn</translation>
    </message>
    <message>
        <source>No architecture is open</source>
        <translation>Keine Architektur ist offen</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>&amp;Open group</source>
        <translation>Gruppe ö&amp;ffnen</translation>
    </message>
    <message>
        <source>Fol&amp;d groups</source>
        <translation>Gruppen fal&amp;ten</translation>
    </message>
    <message>
        <source>double click opens it</source>
        <translation>Doppelklick öffnet sie</translation>
    </message>
    <message>
        <source>N and P walk through the operations, D through differences; arrows pan, plus and minus zoom, 0 fits, Enter opens a group, Shift+Enter folds the one around a box, Backspace folds all</source>
        <translation>N und P gehen durch die Operationen, D durch die Unterschiede; Pfeile verschieben, Plus und Minus zoomen, 0 passt ein, Eingabe öffnet eine Gruppe, Umschalt+Eingabe faltet die um einen Kasten, Rücktaste faltet alle</translation>
    </message>
    <message>
        <source>Fold &amp;around</source>
        <translation>&amp;Umgebende falten</translation>
    </message>
    <message>
        <source>Shift and double click fold what is around it</source>
        <translation>Umschalt und Doppelklick falten, was darum liegt</translation>
    </message>
</context>
<context>
    <name>nas::HelpWindow</name>
    <message>
        <source>How the explorer works</source>
        <translation>So geht es</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Looking&lt;/h2&gt;&lt;p&gt;Open a results database (Ctrl+O, drop, or &lt;code&gt;nas-explorer FILE&lt;/code&gt;). It is only read: searches may keep writing to it, and what they add appears by itself. Several databases can be open at once. Choose a study or a benchmark on the left to see its rows.&lt;/p&gt;</source>
        <translation>&lt;h2&gt;Ansehen&lt;/h2&gt;&lt;p&gt;Eine Ergebnisdatenbank öffnen (Strg+O, Hineinziehen oder &lt;code&gt;nas-explorer DATEI&lt;/code&gt;). Sie wird nur gelesen: Suchen dürfen weiter in sie schreiben, und was sie hinzufügen, erscheint von selbst. Mehrere Datenbanken können offen sein. Links eine Studie oder einen Benchmark wählen, um die Zeilen zu sehen.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;A click on a heading sorts, the better values first; a second click turns the order round. &lt;b&gt;Columns&lt;/b&gt; chooses what is shown. Rows without a value come last, none is hidden. Enter draws the architecture; two to four selected rows can be compared.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Ein Klick auf eine Überschrift sortiert, die besseren Werte zuerst; ein zweiter kehrt die Ordnung um. &lt;b&gt;Spalten&lt;/b&gt; wählt, was zu sehen ist. Zeilen ohne Wert stehen am Ende, keine wird verborgen. Eingabe zeichnet die Architektur; zwei bis vier gewählte Zeilen lassen sich vergleichen.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Filters&lt;/h2&gt;&lt;p&gt;Ctrl+F goes to the filter line. Names complete while you type, the Down key lists what may come next; Enter applies, Ctrl+Z takes it back.&lt;/p&gt;</source>
        <translation>&lt;h2&gt;Filter&lt;/h2&gt;&lt;p&gt;Strg+F geht in die Filterzeile. Namen werden beim Tippen ergänzt, die Taste Ab zeigt, was folgen kann; Eingabe wendet an, Strg+Z nimmt zurück.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;Numbers compare with &amp;lt; &amp;lt;= &amp;gt; &amp;gt;= = !=, and may end in k, M or G; text with ~ (holds) and !~. Other names than of letters, digits, _ @ and . stand in backquotes.&lt;/p&gt;</source>
        <translation>&lt;p&gt;Zahlen werden mit &amp;lt; &amp;lt;= &amp;gt; &amp;gt;= = != verglichen und dürfen auf k, M oder G enden; Text mit ~ (enthält) und !~. Namen mit anderen Zeichen als Buchstaben, Ziffern, _ @ und . stehen in Backquotes.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Plots&lt;/h2&gt;&lt;p&gt;Plots show the rows that pass the filter and share one selection with the table: drag to brush, Shift adds, click selects one. The wheel zooms, Ctrl+drag pans, a double click or 0 fits; with the keyboard, arrows pan, + and - zoom, X and Y switch logarithmic axes. The menu key saves the picture as SVG, PNG or PDF.&lt;/p&gt;</source>
        <translation>&lt;h2&gt;Diagramme&lt;/h2&gt;&lt;p&gt;Diagramme zeigen die Zeilen, die dem Filter genügen, und teilen die Auswahl mit der Tabelle: Ziehen markiert, Umschalt fügt hinzu, ein Klick wählt eine Zeile. Das Rad zoomt, Strg+Ziehen verschiebt, Doppelklick oder 0 passt ein; mit der Tastatur verschieben Pfeile, + und - zoomen, X und Y schalten logarithmische Achsen. Die Menütaste speichert das Bild als SVG, PNG oder PDF.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;In a drawing N and P walk through the operations, Enter opens a group, D goes to the next difference of a comparison.&lt;/p&gt;</source>
        <translation>&lt;p&gt;In einer Zeichnung gehen N und P durch die Operationen, Eingabe öffnet eine Gruppe, D geht zum nächsten Unterschied eines Vergleichs.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Work&lt;/h2&gt;&lt;p&gt;Searches, trainings and measurements are commands of &lt;code&gt;nasctl&lt;/code&gt;, in forms made of what it says about its options; each form shows the command, the log its output. Pausing leaves a search as Ctrl+C does: everything finished is kept, and Resume continues from there.&lt;/p&gt;</source>
        <translation>&lt;h2&gt;Arbeiten&lt;/h2&gt;&lt;p&gt;Suchen, Trainings und Messungen sind Befehle von &lt;code&gt;nasctl&lt;/code&gt;, in Formularen aus dem, was es über seine Optionen sagt; jedes Formular zeigt den Befehl, das Protokoll die Ausgabe. Pause verlässt eine Suche wie Strg+C: alles Fertige bleibt, und Fortsetzen macht dort weiter.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Keys&lt;/h2&gt;</source>
        <translation>&lt;h2&gt;Tasten&lt;/h2&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;F10 or Alt with a letter opens a menu; Tab goes round the window.&lt;/p&gt;</source>
        <translation>&lt;p&gt;F10 oder Alt mit einem Buchstaben öffnet ein Menü; Tab wandert durch das Fenster.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>nas::JobsModel</name>
    <message>
        <source>%1, took %2</source>
        <translation>%1, dauerte %2</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>hält an</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed (%1): %2</source>
        <translation>gescheitert (%1): %2</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>done (%1)</source>
        <translation>fertig (%1)</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
</context>
<context>
    <name>nas::LayerBars</name>
    <message>
        <source>Cost of the layers</source>
        <translation>Kosten der Schichten</translation>
    </message>
    <message>
        <source>MACs by layer</source>
        <translation>MACs je Schicht</translation>
    </message>
    <message>
        <source>Parameters by layer</source>
        <translation>Parameter je Schicht</translation>
    </message>
    <message>
        <source>Output memory by layer</source>
        <translation>Ausgabespeicher je Schicht</translation>
    </message>
    <message>
        <source>Latency by layer</source>
        <translation>Latenz je Schicht</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MACs</translation>
    </message>
    <message>
        <source>params</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Not measured: Architecture, Measure latency</source>
        <translation>Nicht gemessen: Architektur, Latenz messen</translation>
    </message>
    <message>
        <source>No layer of this network has this cost.</source>
        <translation>Keine Schicht dieses Netzes hat diese Kosten.</translation>
    </message>
</context>
<context>
    <name>nas::MainWindow</name>
    <message>
        <source>Searchlight explorer</source>
        <translation>Searchlight-Explorer</translation>
    </message>
    <message>
        <source>Open tables</source>
        <translation>Offene Tabellen</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Events of the study</source>
        <translation>Ereignisse der Studie</translation>
    </message>
    <message>
        <source>Log of nasctl</source>
        <translation>Protokoll von nasctl</translation>
    </message>
    <message>
        <source>Databases and their studies</source>
        <translation>Datenbanken und ihre Studien</translation>
    </message>
    <message>
        <source>%1 - Searchlight explorer</source>
        <translation>%1 - Searchlight-Explorer</translation>
    </message>
    <message>
        <source>&amp;Architecture</source>
        <translation>A&amp;rchitektur</translation>
    </message>
    <message>
        <source>&amp;Score…</source>
        <translation>&amp;Bewerten…</translation>
    </message>
    <message>
        <source>Measure &amp;latency…</source>
        <translation>&amp;Latenz messen…</translation>
    </message>
    <message>
        <source>&amp;Train…</source>
        <translation>&amp;Trainieren…</translation>
    </message>
    <message>
        <source>&amp;Export the graph…</source>
        <translation>Graphen e&amp;xportieren…</translation>
    </message>
    <message>
        <source>&amp;Draw</source>
        <translation>&amp;Zeichnen</translation>
    </message>
    <message>
        <source>Ctrl+G</source>
        <translation>Ctrl+G</translation>
    </message>
    <message>
        <source>Co&amp;mpare the selected</source>
        <translation>Gewählte &amp;vergleichen</translation>
    </message>
    <message>
        <source>Ctrl+M</source>
        <translation>Ctrl+M</translation>
    </message>
    <message>
        <source>Select a row first.</source>
        <translation>Erst eine Zeile wählen.</translation>
    </message>
    <message>
        <source>This table belongs to no known search space: nasctl cannot build its architectures.</source>
        <translation>Diese Tabelle gehört zu keinem bekannten Suchraum: nasctl kann ihre Architekturen nicht bauen.</translation>
    </message>
    <message>
        <source>%1 waits until the running command has ended</source>
        <translation>%1 wartet, bis der laufende Befehl zu Ende ist</translation>
    </message>
    <message>
        <source>nasctl %1: %2</source>
        <translation>nasctl %1: %2</translation>
    </message>
    <message>
        <source>%1 holds no study and no benchmark yet</source>
        <translation>%1 enthält noch keine Studie und keinen Benchmark</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message numerus="yes">
        <source>Select two to four rows to compare; %n are selected.</source>
        <translation>
            <numerusform>Zum Vergleichen zwei bis vier Zeilen wählen; gewählt ist %n.</numerusform>
            <numerusform>Zum Vergleichen zwei bis vier Zeilen wählen; gewählt sind %n.</numerusform>
        </translation>
    </message>
    <message>
        <source>Compare %1</source>
        <translation>Vergleich %1</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;How it works</source>
        <translation>&amp;So geht es</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>Ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Import benchmark…</source>
        <translation>Benchmark &amp;importieren…</translation>
    </message>
    <message>
        <source>Ctrl+I</source>
        <translation>Ctrl+I</translation>
    </message>
    <message>
        <source>&amp;Export rows…</source>
        <translation>Zeilen &amp;exportieren…</translation>
    </message>
    <message>
        <source>Ctrl+E</source>
        <translation>Ctrl+E</translation>
    </message>
    <message>
        <source>Save the &amp;picture…</source>
        <translation>&amp;Bild speichern…</translation>
    </message>
    <message>
        <source>Close &amp;tab</source>
        <translation>&amp;Reiter schließen</translation>
    </message>
    <message>
        <source>Ctrl+W</source>
        <translation>Ctrl+W</translation>
    </message>
    <message>
        <source>Close &amp;database</source>
        <translation>Datenbank s&amp;chließen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+W</source>
        <translation>Ctrl+Shift+W</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Bee&amp;nden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation>Zeilen &amp;kopieren</translation>
    </message>
    <message>
        <source>Ctrl+Shift+C</source>
        <translation>Ctrl+Shift+C</translation>
    </message>
    <message>
        <source>Select &amp;all rows</source>
        <translation>&amp;Alle Zeilen auswählen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+A</source>
        <translation>Ctrl+Shift+A</translation>
    </message>
    <message>
        <source>Clear the &amp;selection</source>
        <translation>Auswahl auf&amp;heben</translation>
    </message>
    <message>
        <source>Ctrl+D</source>
        <translation>Ctrl+D</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>&amp;Filter</translation>
    </message>
    <message>
        <source>Show all ro&amp;ws</source>
        <translation>Alle &amp;Zeilen zeigen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+F</source>
        <translation>Ctrl+Shift+F</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Read again</source>
        <translation>&amp;Neu lesen</translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translation>Ctrl+R</translation>
    </message>
    <message>
        <source>&amp;Stop reading</source>
        <translation>Lesen &amp;anhalten</translation>
    </message>
    <message>
        <source>&amp;Plot</source>
        <translation>&amp;Diagramm</translation>
    </message>
    <message>
        <source>&amp;Next tab</source>
        <translation>N&amp;ächster Reiter</translation>
    </message>
    <message>
        <source>Pre&amp;vious tab</source>
        <translation>&amp;Voriger Reiter</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>&amp;Suche</translation>
    </message>
    <message>
        <source>&amp;Start…</source>
        <translation>&amp;Starten…</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>Stop at &amp;once</source>
        <translation>Sofort an&amp;halten</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Write a report…</source>
        <translation>&amp;Bericht schreiben…</translation>
    </message>
    <message>
        <source>Where the report is written</source>
        <translation>Wohin der Bericht geschrieben wird</translation>
    </message>
    <message>
        <source>All trials of %1</source>
        <translation>Alle Versuche von %1</translation>
    </message>
    <message>
        <source>Ctrl+Shift+S</source>
        <translation>Ctrl+Shift+S</translation>
    </message>
    <message>
        <source>Ctrl+L</source>
        <translation>Ctrl+L</translation>
    </message>
    <message>
        <source>Ctrl+T</source>
        <translation>Ctrl+T</translation>
    </message>
    <message>
        <source>Ctrl+Shift+E</source>
        <translation>Ctrl+Shift+E</translation>
    </message>
    <message>
        <source>Only architectures of one space can be compared.</source>
        <translation>Nur Architekturen eines Suchraums lassen sich vergleichen.</translation>
    </message>
    <message>
        <source>Detai&amp;ls</source>
        <translation>E&amp;inzelheiten</translation>
    </message>
    <message>
        <source>&amp;Events</source>
        <translation>&amp;Ereignisse</translation>
    </message>
    <message>
        <source>&amp;Workers</source>
        <translation>Ar&amp;beiter</translation>
    </message>
    <message>
        <source>Lo&amp;g</source>
        <translation>&amp;Protokoll</translation>
    </message>
    <message>
        <source>Stu&amp;dies</source>
        <translation>&amp;Studien</translation>
    </message>
    <message>
        <source>Res&amp;ults</source>
        <translation>E&amp;rgebnisse</translation>
    </message>
    <message>
        <source>Open a results database or a network</source>
        <translation>Eine Ergebnisdatenbank oder ein Netz öffnen</translation>
    </message>
    <message>
        <source>Databases and networks (%1);;All files (*)</source>
        <translation>Datenbanken und Netze (%1);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a &amp;server…</source>
        <translation>&amp;Server öffnen…</translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation>Ctrl+Shift+O</translation>
    </message>
    <message>
        <source>&amp;Plan memory…</source>
        <translation>Speicher &amp;planen…</translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation>Ctrl+Shift+P</translation>
    </message>
</context>
<context>
    <name>nas::MemoryPlot</name>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Not planned: Architecture, Plan memory</source>
        <translation>Nicht geplant: Architektur, Speicher planen</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>KB</translation>
    </message>
    <message>
        <source>Memory on %1</source>
        <translation>Speicher auf %1</translation>
    </message>
    <message>
        <source>SRAM %1 of %2 bytes; most live bytes in step %3: %4</source>
        <translation>SRAM %1 von %2 Bytes; die meisten lebenden Bytes in Schritt %3: %4</translation>
    </message>
    <message>
        <source>SRAM of %1</source>
        <translation>SRAM von %1</translation>
    </message>
    <message>
        <source>%1 bytes at %2</source>
        <translation>%1 Bytes ab %2</translation>
    </message>
    <message>
        <source>steps %1 to %2</source>
        <translation>Schritte %1 bis %2</translation>
    </message>
</context>
<context>
    <name>nas::NasctlProcess</name>
    <message>
        <source>nasctl cannot be started: %1</source>
        <translation>nasctl kann nicht gestartet werden: %1</translation>
    </message>
    <message>
        <source>nasctl is neither beside the explorer nor on the PATH</source>
        <translation>nasctl ist weder neben dem Explorer noch im PATH</translation>
    </message>
</context>
<context>
    <name>nas::NasctlQuestions</name>
    <message>
        <source>nasctl ended with code %1: %2</source>
        <translation>nasctl endete mit Code %1: %2</translation>
    </message>
</context>
<context>
    <name>nas::Network</name>
    <message>
        <source>Published network: %1</source>
        <translation>Veröffentlichtes Netz: %1</translation>
    </message>
    <message>
        <source>Network as judged: %1</source>
        <translation>Netz, wie es beurteilt wurde: %1</translation>
    </message>
    <message>
        <source>; this architecture&apos;s input is %1</source>
        <translation>; die Eingabe dieser Architektur ist %1</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>File says %1</source>
        <translation>Datei sagt %1</translation>
    </message>
</context>
<context>
    <name>nas::ParallelPlot</name>
    <message>
        <source>&amp;Invert %1</source>
        <translation>%1 &amp;umkehren</translation>
    </message>
    <message>
        <source>&amp;Logarithmic %1</source>
        <translation>%1 &amp;logarithmisch</translation>
    </message>
    <message>
        <source>&amp;Remove all brushes</source>
        <translation>Alle &amp;Markierungen entfernen</translation>
    </message>
    <message>
        <source>Parallel coordinates</source>
        <translation>Parallele Koordinaten</translation>
    </message>
    <message>
        <source>Showing all of %1 rows</source>
        <translation>Alle %1 Zeilen</translation>
    </message>
    <message>
        <source>; %1 without a finite value on some axis, where their lines have gaps</source>
        <translation>; %1 ohne endlichen Wert auf einer Achse, wo ihre Linien Lücken haben</translation>
    </message>
    <message>
        <source>; %1 selected</source>
        <translation>; %1 gewählt</translation>
    </message>
    <message>
        <source>log %1</source>
        <translation>log %1</translation>
    </message>
    <message>
        <source>Colour &amp;by %1</source>
        <translation>&amp;Farbe nach %1</translation>
    </message>
    <message>
        <source>Left and Right choose an axis, with Ctrl they move it; Up and Down move its brush, plus and minus widen and narrow it; I inverts, L switches logarithmic, C colours the lines by this axis, Delete removes the brush, Escape all</source>
        <translation>Links und Rechts wählen eine Achse, mit Strg verschieben sie sie; Auf und Ab bewegen ihre Markierung, Plus und Minus verbreitern und verengen sie; I kehrt um, L schaltet logarithmisch, C färbt die Linien nach dieser Achse, Entf entfernt die Markierung, Escape alle</translation>
    </message>
</context>
<context>
    <name>nas::ParallelView</name>
    <message>
        <source>&amp;Parallel coordinates</source>
        <translation>&amp;Parallele Koordinaten</translation>
    </message>
    <message>
        <source>c&amp;olour</source>
        <translation>&amp;Farbe</translation>
    </message>
    <message>
        <source>Colour of the lines</source>
        <translation>Farbe der Linien</translation>
    </message>
    <message>
        <source>There is no column of numbers to show. Choose some with Columns (Alt+C).</source>
        <translation>Es ist keine Zahlenspalte zu sehen. Mit Spalten (Alt+T) welche wählen.</translation>
    </message>
</context>
<context>
    <name>nas::PlotsPanel</name>
    <message>
        <source>Plot</source>
        <translation>Diagramm</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>Waagerechte Achse</translation>
    </message>
    <message>
        <source>Vertical axis</source>
        <translation>Senkrechte Achse</translation>
    </message>
    <message>
        <source>&amp;Plot</source>
        <translation>Dia&amp;gramm</translation>
    </message>
    <message>
        <source>&amp;x</source>
        <translation>&amp;x</translation>
    </message>
    <message>
        <source>&amp;y</source>
        <translation>&amp;y</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>Gezeigt</translation>
    </message>
    <message>
        <source>No row passes the filter.</source>
        <translation>Keine Zeile genügt dem Filter.</translation>
    </message>
    <message>
        <source>The table has no rows yet.</source>
        <translation>Die Tabelle hat noch keine Zeilen.</translation>
    </message>
    <message>
        <source>No row has a finite value in all columns that are drawn here.</source>
        <translation>Keine Zeile hat in allen gezeichneten Spalten einen endlichen Wert.</translation>
    </message>
</context>
<context>
    <name>nas::ResultsPanel</name>
    <message>
        <source>Commands of nasctl</source>
        <translation>Befehle von nasctl</translation>
    </message>
    <message>
        <source>State of the command</source>
        <translation>Zustand des Befehls</translation>
    </message>
    <message>
        <source>Result of the command</source>
        <translation>Ergebnis des Befehls</translation>
    </message>
    <message>
        <source>Copy co&amp;mmand</source>
        <translation>Bef&amp;ehl kopieren</translation>
    </message>
    <message>
        <source>Stop &amp;it</source>
        <translation>Anha&amp;lten</translation>
    </message>
    <message>
        <source>no command has run yet</source>
        <translation>noch ist kein Befehl gelaufen</translation>
    </message>
    <message>
        <source>Copy the &amp;result</source>
        <translation>Ergebnis &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Kill it</source>
        <translation>&amp;Jetzt abbrechen</translation>
    </message>
</context>
<context>
    <name>nas::RowsModel</name>
    <message>
        <source>&lt;p&gt;%1: click to sort&lt;/p&gt;</source>
        <translation>&lt;p&gt;%1: Klick sortiert&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>nas::ScatterPlot</name>
    <message>
        <source>Scatter</source>
        <translation>Streudiagramm</translation>
    </message>
    <message>
        <source>Showing all of %1 points, counted for each pixel</source>
        <translation>Alle %1 Punkte, je Bildpunkt gezählt</translation>
    </message>
    <message>
        <source>Showing all of %1 points</source>
        <translation>Alle %1 Punkte</translation>
    </message>
    <message>
        <source>; %1 without a finite value</source>
        <translation>; %1 ohne endlichen Wert</translation>
    </message>
    <message>
        <source>; %1 not positive</source>
        <translation>; %1 nicht positiv</translation>
    </message>
    <message>
        <source>; %1 miss a constraint and are not in the front</source>
        <translation>; %1 verletzen eine Bedingung und sind nicht in der Front</translation>
    </message>
    <message>
        <source>; %1 selected</source>
        <translation>; %1 gewählt</translation>
    </message>
    <message>
        <source>Pareto front (%1)</source>
        <translation>Pareto-Front (%1)</translation>
    </message>
    <message>
        <source>where a value may lie</source>
        <translation>wo ein Wert liegen kann</translation>
    </message>
    <message>
        <source>%1 (%2 to %3)</source>
        <translation>%1 (%2 bis %3)</translation>
    </message>
    <message>
        <source>misses a constraint (%1)</source>
        <translation>verletzt eine Bedingung (%1)</translation>
    </message>
    <message>
        <source>constraint</source>
        <translation>Bedingung</translation>
    </message>
    <message>
        <source>Row %1</source>
        <translation>Zeile %1</translation>
    </message>
    <message>
        <source>&amp;Pareto front</source>
        <translation>&amp;Pareto-Front</translation>
    </message>
    <message>
        <source>&amp;Zoom to the front</source>
        <translation>Auf die Front &amp;zoomen</translation>
    </message>
    <message>
        <source>Select the f&amp;ront</source>
        <translation>F&amp;ront auswählen</translation>
    </message>
</context>
<context>
    <name>nas::ScatterView</name>
    <message>
        <source>&amp;Scatter and Pareto front</source>
        <translation>&amp;Streudiagramm und Pareto-Front</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 gegen %2</translation>
    </message>
</context>
<context>
    <name>nas::ServerForm</name>
    <message>
        <source>Open a database of a server</source>
        <translation>Datenbank eines Servers öffnen</translation>
    </message>
    <message>
        <source>not needed with ~/.pgpass or a service file</source>
        <translation>unnötig mit ~/.pgpass oder einer Service-Datei</translation>
    </message>
    <message>
        <source>&amp;Address</source>
        <translation>&amp;Adresse</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>&amp;Passwort</translation>
    </message>
    <message>
        <source>An address begins with postgresql:// or service=</source>
        <translation>Eine Adresse beginnt mit postgresql:// oder service=</translation>
    </message>
</context>
<context>
    <name>nas::StudiesModel</name>
    <message>
        <source>benchmark</source>
        <translation>Benchmark</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n Spalte</numerusform>
            <numerusform>%n Spalten</numerusform>
        </translation>
    </message>
    <message>
        <source>problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>opening…</source>
        <translation>wird geöffnet…</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Bestes</translation>
    </message>
    <message>
        <source>All trials</source>
        <translation>Alle Versuche</translation>
    </message>
</context>
<context>
    <name>nas::TablePage</name>
    <message>
        <source>no filter</source>
        <translation>kein Filter</translation>
    </message>
    <message>
        <source>filter %1</source>
        <translation>Filter %1</translation>
    </message>
    <message>
        <source>Columns to show</source>
        <translation>Gezeigte Spalten</translation>
    </message>
    <message>
        <source>&amp;Columns</source>
        <translation>Spal&amp;ten</translation>
    </message>
    <message>
        <source>Choose columns</source>
        <translation>Spalten wählen</translation>
    </message>
    <message>
        <source>Rows of %1</source>
        <translation>Zeilen von %1</translation>
    </message>
    <message>
        <source>S&amp;top reading</source>
        <translation>A&amp;nhalten</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>wird gelesen…</translation>
    </message>
    <message>
        <source>not read</source>
        <translation>nicht gelesen</translation>
    </message>
    <message>
        <source>Nothing is selected to copy.</source>
        <translation>Zum Kopieren ist nichts gewählt.</translation>
    </message>
    <message>
        <source>Too many rows for the clipboard; export them to a file instead.</source>
        <translation>Zu viele Zeilen für die Zwischenablage; bitte in eine Datei exportieren.</translation>
    </message>
    <message>
        <source>Copied as CSV.</source>
        <translation>Als CSV kopiert.</translation>
    </message>
    <message>
        <source>Export the rows of the filtered view</source>
        <translation>Die gefilterten Zeilen exportieren</translation>
    </message>
    <message>
        <source>CSV (*.csv);;JSON lines (*.jsonl)</source>
        <translation>CSV (*.csv);;JSON-Zeilen (*.jsonl)</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>Wird exportiert…</translation>
    </message>
    <message numerus="yes">
        <source>at least %Ln row(s)</source>
        <translation>
            <numerusform>mindestens %Ln Zeile</numerusform>
            <numerusform>mindestens %Ln Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) pass the filter</source>
        <translation>
            <numerusform>%Ln Zeile genügt dem Filter</numerusform>
            <numerusform>%Ln Zeilen genügen dem Filter</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s)</source>
        <translation>
            <numerusform>%Ln Zeile</numerusform>
            <numerusform>%Ln Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %Ln selected</source>
        <translation>
            <numerusform>, %Ln gewählt</numerusform>
            <numerusform>, %Ln gewählt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) written to %1</source>
        <translation>
            <numerusform>%Ln Zeile in %1 geschrieben</numerusform>
            <numerusform>%Ln Zeilen in %1 geschrieben</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>nas::TruthPlot</name>
    <message>
        <source>Prediction against truth</source>
        <translation>Vorhersage gegen Wahrheit</translation>
    </message>
    <message>
        <source>perfect</source>
        <translation>perfekt</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>Spearman ρ  %1</source>
        <translation>Spearman ρ  %1</translation>
    </message>
    <message>
        <source>Kendall τ  %1</source>
        <translation>Kendall τ  %1</translation>
    </message>
    <message>
        <source>n  %1</source>
        <translation>n  %1</translation>
    </message>
</context>
<context>
    <name>nas::TruthView</name>
    <message>
        <source>Predictor against &amp;truth</source>
        <translation>Vorhersage gegen &amp;Wahrheit</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 gegen %2</translation>
    </message>
    <message>
        <source>the predictor was fitted on %1</source>
        <translation>der Prädiktor wurde an %1 angepasst</translation>
    </message>
    <message>
        <source>the predictor has learned from %1 of the rows</source>
        <translation>der Prädiktor hat aus %1 der Zeilen gelernt</translation>
    </message>
</context>
<context>
    <name>nas::ValueList</name>
    <message>
        <source>+ Another</source>
        <translation>+ Weitere</translation>
    </message>
    <message>
        <source>Remove this line</source>
        <translation>Diese Zeile entfernen</translation>
    </message>
    <message>
        <source>Remove a line of %1</source>
        <translation>Eine Zeile von %1 entfernen</translation>
    </message>
    <message>
        <source>Another line of %1</source>
        <translation>Noch eine Zeile von %1</translation>
    </message>
</context>
<context>
    <name>nas::WelcomePage</name>
    <message>
        <source>Searchlight explorer</source>
        <translation>Searchlight-Explorer</translation>
    </message>
    <message>
        <source>See every architecture that a search has tried: sort and filter a million of them, brush them in plots, draw and compare their graphs. Databases are only read, also while searches write to them.</source>
        <translation>Alle Architekturen sehen, die eine Suche versucht hat: eine Million davon sortieren und filtern, in Diagrammen markieren, ihre Graphen zeichnen und vergleichen. Datenbanken werden nur gelesen, auch während Suchen in sie schreiben.</translation>
    </message>
    <message>
        <source>&amp;Open a database…</source>
        <translation>Datenbank ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>&amp;Recent files</source>
        <translation>Zu&amp;letzt geöffnet</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>or drop a file anywhere into this window</source>
        <translation>oder eine Datei irgendwo in dieses Fenster ziehen</translation>
    </message>
    <message>
        <source>scripts/quickstart makes it: a small search on built-in data</source>
        <translation>scripts/quickstart macht es: eine kleine Suche auf eingebauten Daten</translation>
    </message>
    <message>
        <source>Ho&amp;w it works</source>
        <translation>So &amp;geht es</translation>
    </message>
    <message>
        <source>Open the e&amp;xample</source>
        <translation>Beis&amp;piel öffnen</translation>
    </message>
    <message>
        <source>No e&amp;xample yet</source>
        <translation>Noch kein Beis&amp;piel</translation>
    </message>
</context>
<context>
    <name>nas::WorkersPanel</name>
    <message>
        <source>Workers</source>
        <translation>Arbeiter</translation>
    </message>
    <message>
        <source>Who proposes trials</source>
        <translation>Wer Versuche vorschlägt</translation>
    </message>
    <message>
        <source>Nobody evaluates trials here</source>
        <translation>Niemand wertet hier Versuche aus</translation>
    </message>
</context>
</TS>
