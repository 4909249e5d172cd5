"""German and Dutch words that decide what is asked, by the English word that stands for them in the lists.

``stop`` stands for words that say nothing. Accents may be left out.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_GERMAN: Final = """
stop: der die das den dem des ein eine einen einem einer eines und oder aber ich mir mich mein meine meinen meinem
meiner du dir dich dein deine er sie es wir uns unser unsere ihr ihnen sich man ist sind war waren bin bist sein wird
werden wurde wurden worden kann kannst können könnte könntest könnten soll sollte sollten muss müssen möchte möchten
will wollen würde würdest für auf an am im in ins zu zum zur bei beim mit von vom aus als um per wie was wo wer wann
warum wieso weshalb welche welcher welches welchen welchem dass denn da dann doch mal bitte danke hallo hi moin hey so
auch noch mehr dies diese dieser dieses diesen diesem hier wenn ob über gibt gib habe hast hat haben hatte geht macht
machen mache mach eigentlich kurz kurze gern gerne einfach sag sage frage zeig zeige zeigen erkläre erklär erklären
erklärt bedeutet bedeutung heißt heissen heißen nennt unterschied unterschiede unterscheiden unterscheidet zwischen
anhand beispiel beispielen beispiels brauche brauchen bekomme bekommen lassen lasse lässt lass damit dabei davon dafür
dazu daraus etwas jemand ja nun jetzt je weise möglich möglichst besten gut beste verwenden verwende benutzen benutze
nutzen nutze genau wozu zweck sowie bzw zb also sonst weg zwei-drei her hin vielen dank lg liebe grüße stoppen stoppe
anhalten beenden beende | not: nicht kein keine keinen keinem keiner keines nichts niemals nie | without: ohne |
except: außer ausser ausgenommen | only: ausschließlich lediglich bloß nur | instead: statt anstatt stattdessen
anstelle | all: alle allen aller alles sämtliche gesamten gesamte ganze ganzen ganzes | each: jede jeder jedes jeden
jedem jeweils | any: irgendein irgendeine beliebig beliebige beliebigen | some: einige einigen manche | several:
mehrere mehreren | single: einzelne einzelnen einzelner einzelnes | both: beide beiden beides | first: erste ersten
erster erstes erstem | second: zweite zweiten zweiter zweites sekunde sekunden | third: dritte dritten | last: letzte
letzten letzter letztes letztem | next: nächste nächsten nächster | previous: vorige vorigen vorherige vorherigen |
newest: neueste neuesten neuester jüngste | oldest: älteste ältesten | today: heute heutige | yesterday: gestern
gestrige | tomorrow: morgen | daily: täglich täglichen | weekly: wöchentlich | monthly: monatlich | hourly: stündlich
| nightly: nächtlich nachts | always: immer stets | once: einmal | permanent: dauerhaft permanent | temporary:
temporär vorübergehend | two: zwei zwo | three: drei | four: vier | five: fünf | six: sechs | seven: sieben | eight:
acht | nine: neun | ten: zehn | twelve: zwölf | hundred: hundert | thousand: tausend | half: halbe halben halbes |
million: millionen | minute: minuten | hour: stunde stunden uhr | day: tag tage tagen | week: woche wochen | month:
monat monate monaten | year: jahr jahre jahren | percent: prozent | before: vor bevor vorher | after: nach nachdem
danach | from: ab seit | to: bis | under: unter unterhalb | over: oberhalb | against: gegen | remove: löschen lösche
entfernen entferne beseitigen beseitige entfernt gelöscht | add: hinzufügen füge hinzu ergänze ergänzen anhängen |
create: erstellen erstelle anlegen lege erzeugen erzeuge | write: schreiben schreibe schreib geschrieben verfasse
verfassen | read: lesen lese einlesen auslesen lies gelesen | change: ändern ändere verändern geändert | replace:
ersetzen ersetze ersetzt austauschen | rename: umbenennen umbenannt benenne | convert: umwandeln wandle konvertieren
konvertiere umrechnen | sort: sortieren sortiere sortiert | filter: filtern | find: finden finde suchen suche
aufspüren ermitteln | count: zählen zähle anzahl | compare: vergleichen vergleiche vergleich | check: prüfen prüfe
überprüfen überprüfe testen | test: test tests testfall | fix: beheben behebe reparieren korrigieren korrigiere
repariere | start: starten starte beginnen | run: ausführen führe laufen läuft ausgeführt | install: installieren
installiere | uninstall: deinstallieren | update: aktualisieren aktualisiere | open: öffnen öffne geöffnet offen |
close: schließen schließe geschlossen | save: speichern speichere gespeichert | load: laden lade geladen | copy:
kopieren kopiere | move: verschieben verschiebe | split: teilen aufteilen trennen zerlegen | merge: zusammenführen
vereinigen verbinden | enable: aktivieren aktiviere einschalten aktiviert | disable: deaktivieren deaktiviere
ausschalten abschalten | allow: erlauben erlaube zulassen | forbid: verbieten verhindern sperren | show: anzeigen
ausgeben ausgabe | list: auflisten liste | translate: übersetzen übersetze | summarize: zusammenfassen fasse
zusammenfassung | shorten: kürzen kürze | center: zentrieren | file: datei dateien | directory: ordner verzeichnis
verzeichnisse | row: zeile zeilen | column: spalte spalten | table: tabelle tabellen | string: zeichenkette
zeichenketten | number: zahl zahlen nummer | value: wert werte werten | variable: variablen umgebungsvariable
umgebungsvariablen | function: funktion funktionen | class: klasse klassen | error: fehler fehlermeldung | user:
benutzer nutzer anwender | password: passwort passwörter kennwort | database: datenbank datenbanken | server: server |
key: schlüssel | order: reihenfolge | duplicate: duplikate doppelte doppelten | name: namen | date: datum | time: zeit
| page: seite seiten | image: bild bilder | word: wort wörter | character: zeichen | length: länge | size: größe
grösse groß | local: lokal lokale lokalen lokales | remote: entfernten entfernter | public: öffentlich öffentliche
öffentlichen | private: privat private | empty: leer leere leerer leeren | new: neu neue neuen neuer neues | old: alt
alte alten | ascending: aufsteigend aufsteigender | descending: absteigend absteigender | up: hoch aufwärts oben |
down: runter abwärts unten herunter | left: links linke linken | right: rechts rechte rechten | maximum: größte
größten höchste maximal höchstens maximale | minimum: kleinste kleinsten niedrigste minimal mindestens minimale |
more_than: größer | less_than: kleiner weniger | horizontal: waagerecht waagrecht | vertical: senkrecht | automatic:
automatisch | manual: manuell | recursive: rekursiv | iterative: iterativ | synchronous: synchron | asynchronous:
asynchron | slow: langsam | quick: schnell schneller | english: englisch englische englischen | german: deutsch
deutsche deutschen
"""
_DUTCH: Final = """
stop: de het een en of maar ik mij me mijn jij je jouw u uw hij zij ze wij we ons onze zich is zijn was waren ben bent
wordt worden werd kan kun kunnen kunt zou zouden zal moet moeten mag wil willen voor op aan in te tot bij met van uit
als hoe wat waar wie wanneer waarom welke welk dat dan toch eens graag alsjeblieft bedankt dank hallo hoi zo ook nog
meer dit deze die hier er daar om over heb hebt heeft hebben gaat gaan doe doen doet maak maken maakt even leg
uitleggen laat zien betekent betekenis verschil verschillen tussen voorbeeld gebruik gebruiken gebruikt nodig krijg
krijgen iets iemand ja nu vraag kort mogelijk best beste per naar toe stoppen stop | not: niet geen niets nooit |
without: zonder | except: behalve uitgezonderd | only: alleen slechts enkel | instead: plaats | all: alle alles hele
gehele | each: elke elk ieder iedere | several: meerdere verschillende | both: beide | first: eerste | second: tweede
| last: laatste | next: volgende | previous: vorige | newest: nieuwste | oldest: oudste | today: vandaag | yesterday:
gisteren | tomorrow: morgen | daily: dagelijks dagelijkse | weekly: wekelijks | always: altijd | two: twee | three:
drie | four: vier | five: vijf | six: zes | seven: zeven | eight: acht | nine: negen | ten: tien | half: halve half |
minute: minuut minuten | hour: uur uren | day: dag dagen | week: weken | month: maand maanden | year: jaar jaren |
percent: procent | before: voordat | after: na nadat | under: onder | against: tegen | remove: verwijderen verwijder
wissen wis | add: toevoegen voeg | create: aanmaken | write: schrijven schrijf | read: lezen lees inlezen | change:
wijzigen wijzig veranderen aanpassen | replace: vervangen vervang | rename: hernoemen hernoem | convert: omzetten
converteren converteer omzet | sort: sorteren sorteer | find: vinden vind zoeken zoek opsporen | count: tellen tel
aantal | compare: vergelijken vergelijk | check: controleren controleer nagaan | fix: repareren repareer oplossen los
herstellen | start: starten start | run: draaien draai uitvoeren voer | install: installeren installeer | open: openen
| close: sluiten sluit | save: opslaan | load: laden laad | copy: kopiëren kopieer | move: verplaatsen verplaats |
split: splitsen splits | merge: samenvoegen | enable: inschakelen aanzetten | disable: uitschakelen uitzetten | show:
tonen toon weergeven | translate: vertalen vertaal | file: bestand bestanden | directory: map mappen | row: regel
regels rij rijen | column: kolom kolommen | table: tabel tabellen | string: tekenreeks | number: getal getallen nummer
| value: waarde waarden | variable: variabele variabelen | function: functie functies | class: klasse klassen | error:
fout fouten foutmelding | user: gebruiker gebruikers | password: wachtwoord | database: databank | key: sleutel |
order: volgorde | name: naam namen | date: datum | page: pagina | image: afbeelding | word: woord woorden | local:
lokaal lokale | remote: externe | empty: leeg lege | new: nieuw nieuwe | old: oud oude | ascending: oplopend oplopende
| descending: aflopend aflopende | left: links linker | right: rechts rechter | maximum: grootste hoogste hoogstens
maximaal | minimum: kleinste laagste minstens minimaal | automatic: automatisch | manual: handmatig | english: engels
| dutch: nederlands
"""

WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "de": _GERMAN,
    "nl": _DUTCH,
})  # fmt: skip
