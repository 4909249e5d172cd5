"""French, Spanish, Portuguese and Italian words that decide what is asked; see `content_foreign_germanic`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FRENCH: Final = """
stop: le la les l un une des du de d et ou mais je j me m moi mon ma mes tu te toi ton ta vous vos nous notre nos il
elle ils elles on se s soi est sont être était suis es a as ai ont avoir peut peux pouvez pourriez pourrais puis doit
dois devrait faut veux voudrais aimerais pour sur à au aux en dans par avec comme chez que qui quoi qu comment
pourquoi quand où quel quelle quels quelles ce cet cette ces ça cela ceci y si alors donc aussi encore bien s'il plaît
svp stp merci bonjour salut fait fais faire faites veut dire signifie signification explique expliquer expliquez
montre différence différences entre exemple besoin utilise utiliser quelque chose quelqu'un façon manière plus peu
simplement juste ici là ajd lors dont soit sert peut-on t peux-tu autre arrêter arrête stopper | not: pas non aucun
aucune rien jamais | without: sans | except: sauf excepté hormis | only: seulement uniquement seul seule seuls seules
| instead: plutôt lieu | all: tout toute tous toutes entier entière | each: chaque | any: n'importe quelconque |
several: plusieurs | some: certains certaines quelques | both: deux-là | first: premier première premiers premières |
second: deuxième seconde secondes | last: dernier dernière derniers dernières | next: suivant suivante prochain
prochaine | previous: précédent précédente | newest: récent récente récents récentes | oldest: ancien ancienne |
today: aujourd'hui | yesterday: hier | tomorrow: demain | daily: quotidien quotidienne quotidiennement | weekly:
hebdomadaire | monthly: mensuel mensuelle | always: toujours | two: deux | three: trois | four: quatre | five: cinq |
six: six | seven: sept | eight: huit | nine: neuf | ten: dix | hundred: cent | thousand: mille | half: demi demie
moitié | minute: minutes | hour: heure heures | day: jour jours | week: semaine semaines | month: mois | year: an ans
année années | percent: pourcent | byte: octet octets | before: avant | after: après | from: depuis | to: vers jusqu'à
jusqu | under: sous | against: contre | remove: supprimer supprime supprimez enlever enlève effacer retirer retire
ôter | add: ajouter ajoute ajoutez | create: créer crée créez générer | write: écrire écris écrivez rédiger | read:
lire lis | change: changer change modifier modifie | replace: remplacer remplace | rename: renommer renomme | convert:
convertir convertis transformer | sort: trier trie triée triées trié triés | filter: filtrer | find: trouver trouve
chercher cherche rechercher repérer détecter | count: compter compte nombre | compare: comparer compare | check:
vérifier vérifie | fix: corriger corrige réparer répare résoudre | start: démarrer lancer lance | restart: redémarrer
redémarre relancer | run: exécuter exécute | install: installer installe | update: mettre-à-jour actualiser | open:
ouvrir ouvre | close: fermer ferme | save: enregistrer sauvegarder sauvegarde | load: charger charge | copy: copier
copie | move: déplacer déplace | split: diviser découper séparer | merge: fusionner fusionne | enable: activer active
| disable: désactiver désactive | allow: autoriser permettre | forbid: interdire empêcher | show: afficher affiche |
list: lister liste | translate: traduire traduis | file: fichier fichiers | directory: dossier dossiers répertoire
répertoires | row: ligne lignes | column: colonne colonnes | table: tableau tableaux | string: chaîne chaînes |
number: numéro | value: valeur valeurs | function: fonction fonctions | class: classe classes | error: erreur erreurs
| user: utilisateur utilisateurs | password: mot-de-passe | database: base | key: clé clés | order: ordre | duplicate:
doublon doublons double doubles | name: nom noms | word: mot mots | character: caractère caractères | image: images |
empty: vide vides | new: nouveau nouvelle nouveaux | local: locale locaux | remote: distant distante distants |
public: publique | ascending: croissant croissante | descending: décroissant décroissante | up: haut | down: bas |
left: gauche | right: droite | maximum: maximal maximale | minimum: minimal minimale minuscule | more_than: supérieur
supérieure | less_than: inférieur inférieure moins | automatic: automatiquement automatique | manual: manuel
manuellement | recursive: récursif récursive | english: anglais | french: français
"""
_SPANISH: Final = """
stop: el la los las lo un una unos unas de del y e o u pero yo me mi mis mí tú te ti tu tus usted su sus nos nuestro
se si es son ser está están estar era fue soy he ha han hay haber puede puedo puedes podrías podría debe debo debería
quiero quisiera para por en con a al como cómo qué que quién cuál cuáles cuándo cuando dónde donde porque este esta
esto estos estas ese esa eso aquí así también aún todavía bien favor gracias hola hace hago haz hacer haga significa
significado explica explícame explicar muestra muéstrame diferencia diferencias entre ejemplo necesito usar usa uso
utilizar algo alguien forma manera más muy solo-una pregunta oye le les conviene existe posible parar detener detén |
not: no ningún ninguna ninguno nada nunca jamás | without: sin | except: excepto salvo menos | only: solo sólo
solamente únicamente | instead: vez lugar | all: todo toda todos todas entero entera | each: cada | any: cualquier
cualquiera | several: varios varias | some: algunos algunas | both: ambos ambas | first: primer primero primera
primeros | second: segundo segunda segundos | last: último última últimos últimas | next: siguiente próximo |
previous: anterior | newest: reciente recientes | today: hoy | yesterday: ayer | tomorrow: mañana | daily: diario
diariamente diaria | weekly: semanal semanalmente | always: siempre | two: dos | three: tres | four: cuatro | five:
cinco | six: seis | seven: siete | eight: ocho | nine: nueve | ten: diez | hundred: cien | thousand: mil | half: medio
media mitad | minute: minuto minutos | hour: hora horas | day: día días | week: semana semanas | month: mes meses |
year: año años | before: antes | after: después tras | from: desde | to: hasta hacia | under: bajo debajo | over:
sobre | against: contra | remove: eliminar elimina borrar borra quitar quita suprimir | add: añadir añade agregar
agrega | create: crear crea generar | write: escribir escribe escribes escríbeme | read: leer lee | change: cambiar
cambia modificar | replace: reemplazar reemplaza sustituir sustituye | rename: renombrar renombra | convert: convertir
convierte transformar | sort: ordenar ordena | filter: filtrar | find: encontrar encuentra buscar busca hallar
detectar | count: contar cuenta número | compare: comparar compara | check: comprobar comprueba verificar verifica |
fix: corregir corrige arreglar arregla reparar solucionar | start: iniciar inicia arrancar | restart: reiniciar
reinicia reinicio | run: ejecutar ejecuta correr | install: instalar instala instalo | update: actualizar actualiza |
open: abrir abre | close: cerrar cierra | save: guardar guarda | load: cargar carga | copy: copiar copia | move: mover
mueve | split: dividir divide separar | merge: fusionar combinar | enable: activar activa habilitar | disable:
desactivar desactiva deshabilitar | allow: permitir | forbid: prohibir impedir | show: mostrar imprimir ver | list:
listar lista listas | get: obtener obtengo obtén | decompress: descomprimir extraer | translate: traducir traduce |
estimate: estimar estimo | file: archivo archivos fichero ficheros | directory: carpeta carpetas directorio
directorios | row: fila filas línea líneas | column: columna columnas | table: tabla tablas | string: cadena cadenas |
number: números | value: valor valores | variable: variables | function: función funciones | class: clase clases |
error: errores | user: usuario usuarios | password: contraseña | database: datos | key: clave claves llave | order:
orden | duplicate: duplicado duplicados | name: nombre nombres | date: fecha fechas | word: palabra palabras |
character: carácter caracteres | image: imagen imágenes | empty: vacío vacía vacíos | new: nuevo nueva nuevos | local:
locales | remote: remoto remota remotos | ascending: ascendente | descending: descendente | up: arriba | down: abajo |
left: izquierda | right: derecha | maximum: máximo máxima mayor | minimum: mínimo mínima menor | automatic:
automáticamente automático | manual: manualmente | recursive: recursiva recursivo | english: inglés | spanish: español
"""
_PORTUGUESE: Final = """
stop: o a os as um uma uns umas de do da dos das e ou mas eu me mim meu minha meus tu te você vocês seu sua nós nosso
se é são ser está estão estar era foi tem há haver ter posso pode podes podem poderia deve devo deveria quero queria
para pra por pelo pela em no na nos nas num numa com ao à como que quem qual quais quando onde porque este esta isto
esse essa isso aqui assim também ainda bem favor obrigado obrigada olá oi faz faço fazer faça significa significado
explique explica mostre mostra diferença diferenças entre exemplo preciso usar usa uso usando utilizar algo alguém
forma maneira mais muito então vejo ver parar pare | not: não nenhum nenhuma nada nunca jamais | without: sem |
except: exceto salvo menos | only: só somente apenas | instead: vez | all: todo toda todos todas tudo inteiro | each:
cada | any: qualquer | several: vários várias | some: alguns algumas | both: ambos ambas | first: primeiro primeira |
second: segundo segunda segundos | last: último última últimos últimas | next: próximo seguinte | previous: anterior |
newest: recente recentes | today: hoje | yesterday: ontem | tomorrow: amanhã | daily: diário diariamente diária |
weekly: semanal | always: sempre | two: dois duas | three: três | four: quatro | five: cinco | six: seis | seven: sete
| eight: oito | nine: nove | ten: dez | hundred: cem | thousand: mil | half: meio meia metade | minute: minuto minutos
| hour: hora horas | day: dia dias | week: semana semanas | month: mês meses | year: ano anos | before: antes | after:
depois após | from: desde | to: até | under: sob | over: sobre | against: contra | remove: remover remova apagar
apague excluir exclua eliminar | add: adicionar adicione acrescentar | create: criar crie gerar gere produzir | write:
escrever escreva | read: ler leia | change: mudar mude alterar altere modificar | replace: substituir substitua trocar
| rename: renomear renomeie | convert: converter converta transformar | sort: ordenar ordene | filter: filtrar | find:
encontrar encontre buscar procurar achar | count: contar conte número | compare: comparar compare | check: verificar
verifique checar | fix: corrigir corrija consertar arrumar | start: iniciar inicie | restart: reiniciar reinicie |
run: executar execute rodar | install: instalar instale instalo | update: atualizar atualize | open: abrir abra |
close: fechar feche | save: salvar salve guardar guarde | load: carregar carregue | copy: copiar copie | move: mover
mova | split: dividir divida separar | merge: mesclar juntar | enable: ativar ative habilitar | disable: desativar
desative desabilitar | allow: permitir | show: mostrar exibir imprimir | get: obter obtenha pegar pegue | catch:
capturar | throw: lançar | download: baixar baixe | translate: traduzir traduza | file: arquivo arquivos ficheiro |
directory: pasta pastas diretório | row: linha linhas | column: coluna colunas | table: tabela tabelas | list: lista
listas | string: texto | value: valor valores | function: função funções | class: classe classes | error: erro erros |
exception: exceção exceções | user: usuário usuários | password: senha | key: chave chaves | order: ordem | duplicate:
duplicado duplicados | name: nome nomes | date: data datas | word: palavra palavras | memory: memória | page: página |
port: porta | empty: vazio vazia | new: novo nova | local: locais | remote: remoto remota | ascending: crescente |
descending: decrescente | left: esquerda | right: direita | maximum: máximo máxima maior | minimum: mínimo mínima
menor | automatic: automaticamente | recursive: recursiva recursivo | english: inglês | portuguese: português
"""
_ITALIAN: Final = """
stop: il lo la i gli le l un uno una di del dello della dei degli delle d e ed o ma io mi me mio mia miei tu ti te tuo
si sé noi ci nostro voi è sono essere era sei ha ho hanno avere può posso puoi potresti deve devo dovrebbe voglio
vorrei per in nel nella nei su sul sulla con a al alla ai da dal dalla come che chi cosa cos quale quali quando dove
perché questo questa questi queste quello quella qui così anche ancora bene favore grazie ciao fa faccio fare fai
significa significato spiega spiegami spiegare mostra mostrami differenza differenze tra fra esempio bisogno serve
usare usa uso utilizzare qualcosa qualcuno modo più poi allora c'è com fermare ferma arrestare | not: non no nessun
nessuno nessuna niente nulla mai | without: senza | except: tranne eccetto salvo | only: solo soltanto solamente
unicamente | instead: invece posto | all: tutto tutta tutti tutte intero intera | each: ogni ciascun | any: qualsiasi
qualunque | several: diversi parecchi | some: alcuni alcune qualche | both: entrambi entrambe | first: primo prima
primi | second: secondo seconda secondi | last: ultimo ultima ultimi ultime | next: prossimo successivo seguente |
previous: precedente | newest: recente recenti | today: oggi | yesterday: ieri | tomorrow: domani | daily: giornaliero
quotidianamente | always: sempre | two: due | three: tre | four: quattro | five: cinque | six: sei-6 | seven: sette |
eight: otto | nine: nove | ten: dieci | hundred: cento | thousand: mille | half: mezzo mezza metà | minute: minuto
minuti | hour: ora ore | day: giorno giorni | week: settimana settimane | month: mese mesi | year: anno anni | after:
dopo | under: sotto | over: sopra | to: fino verso | against: contro | remove: rimuovere rimuovi eliminare elimina
cancellare cancella togliere togli | add: aggiungere aggiungi aggiunge | create: creare crea genera | write: scrivere
scrivi | read: leggere leggi | change: cambiare cambia modificare modifica | replace: sostituire sostituisci
rimpiazzare | rename: rinominare rinomina | convert: convertire converti trasformare | sort: ordinare ordina | find:
trovare trova cercare cerca | count: contare conta numero | compare: confrontare confronta | check: controllare
controlla verificare verifica | fix: correggere correggi riparare sistemare | start: avviare avvia | restart:
riavviare riavvia | run: eseguire esegui | install: installare installa | update: aggiornare aggiorna | open: aprire
apri | close: chiudere chiudi | save: salvare salva | load: caricare carica | copy: copiare copia | move: spostare
sposta | split: dividere dividi | merge: unire unisci | enable: abilitare abilito attivare attiva | disable:
disabilitare disattivare disattiva | show: mostrare stampare stampa visualizzare | receive: ricevere ricevo |
translate: tradurre traduci | directory: cartella cartelle | row: riga righe | column: colonna colonne | table:
tabella tabelle | list: lista elenco | string: stringa stringhe | value: valore valori | function: funzione funzioni |
class: classe classi | error: errore errori | user: utente utenti | key: chiave chiavi | order: ordine | duplicate:
duplicati doppioni | name: nome nomi | word: parola parole | empty: vuoto vuota | new: nuovo nuova | local: locale |
remote: remoto remota | ascending: crescente | descending: decrescente | left: sinistra | right: destra | maximum:
massimo massima | minimum: minimo minima | automatic: automaticamente | recursive: ricorsiva ricorsivo | english:
inglese | italian: italiano
"""

WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "fr": _FRENCH,
    "es": _SPANISH,
    "pt": _PORTUGUESE,
    "it": _ITALIAN,
})  # fmt: skip
